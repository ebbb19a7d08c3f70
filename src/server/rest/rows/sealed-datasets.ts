// Datasets whose rows no person is shown: what jobs of the purpose `authentication` publish.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { ServerServices } from "../../server-services.ts";

/** @throws MillraceError `FORBIDDEN` for datasets that hold credentials, and what was set aside of them */
export function assertOpen({ definitions }: Pick<ServerServices, "definitions">, names: readonly string[]): void {
  const sealed = new Set(
    [...definitions().jobs.values()]
      .filter(({ purpose }) => purpose === "authentication")
      .flatMap(({ outputs }) => outputs.map((name) => name.toLowerCase())),
  );
  const found = names.find((name) => sealed.has(name.toLowerCase()));
  if (found === undefined) return;
  throw new MillraceError("FORBIDDEN", `rows of dataset \`${found}\` are not shown: its job is for authentication`, {
    hint: "only runs read them",
  });
}
