// Finds credentials that stand in a job file as they are. Such files go into version control, where everybody reads them.
import { hasReference } from "../../core/connection/secret-text.ts";
import { isSecretKey } from "../../core/errors/secret-redactor.ts";
import type { OptionPath } from "../../core/spec/parse-options.ts";

/** The places, below `source`, of texts that are credentials by their name and have no variable. */
export function findLiteralSecrets(job: Readonly<Record<string, unknown>>): readonly OptionPath[] {
  return [...walk(job["source"], ["source"])];
}

function* walk(value: unknown, path: OptionPath): Generator<OptionPath, void> {
  if (typeof value === "string") {
    if (isLiteralSecret(value, path)) yield path;
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, item] of entries) yield* walk(item, [...path, key]);
}

function isLiteralSecret(text: string, path: OptionPath): boolean {
  const [name = "", outer = ""] = path.map(String).toReversed();
  if (name === "url") return hasSecretParameter(text);
  const isSecret = isSecretKey(name) || name === "bearer" || (outer === "apiKey" && name === "value");
  return isSecret && text !== "" && !text.includes("{{") && !hasReference(text);
}

function hasSecretParameter(url: string): boolean {
  const [, query = ""] = url.split("?", 2);
  return [...new URLSearchParams(query)].some(
    ([name, value]) => isSecretKey(name) && value !== "" && !value.includes("{{"),
  );
}
