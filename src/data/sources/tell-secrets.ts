// Secrets among the variables of a source, told to whoever masks them before they are part of anything.
import type { VariableValue } from "../../core/dataset/variables.ts";
import { isSecretKey } from "../../core/errors/secret-redactor.ts";
import type { SourceOpening } from "../source.ts";

/** Settings are secrets where their name says so; what comes out of an authentication always is one. */
export function tellSecrets({ reading, onSecret }: Pick<SourceOpening, "reading" | "onSecret">): void {
  const tell = (value: VariableValue | undefined, isSecret: boolean): void => {
    if (typeof value === "string" && isSecret) onSecret?.(value);
    if (typeof value !== "object" || value === null) return;
    for (const [name, field] of Object.entries(value)) tell(field, isSecret || isSecretKey(name));
  };
  for (const { variables } of reading.units ?? []) {
    for (const scope of reading.secretScopes ?? []) tell(variables[scope], scope !== "config");
  }
}
