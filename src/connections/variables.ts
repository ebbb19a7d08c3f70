// Variables of the environment that definitions name where a secret belongs, so that no secret is in a definition or a record.
// Only a root reads the environment; it lends what it reads.
import type { ServiceReference } from "../core/connection/secret-text.ts";
import { MillraceError } from "../core/errors/errors.ts";

/** A variable; `undefined` or empty when it is not set. */
export type ReadVariable = (name: string) => string | undefined;

let readOne: ReadVariable = () => undefined;
let readService: ReadServiceSecret | undefined;

/** Reads what a service keeps. */
export type ReadServiceSecret = (reference: ServiceReference) => Promise<string>;

/** Called when a program starts; the services are asked with the credentials of the whole process. */
export function lendServiceSecrets(read: ReadServiceSecret): void {
  readService = read;
}

/** @throws MillraceError as the reader that was lent */
export async function readServiceSecret(reference: ServiceReference): Promise<string> {
  if (readService === undefined) throw new MillraceError("INTERNAL", "nobody has lent the services that keep secrets");
  return await readService(reference);
}

/** Called when a program starts; the environment is that of the whole process. */
export function lendVariables(read: ReadVariable): void {
  readOne = read;
}

/** The value of a variable. @throws MillraceError `CONFIG_INVALID` when it is not set */
export function readVariable(name: string): string {
  const value = readOne(name) ?? "";
  if (value !== "") return value;
  throw new MillraceError("CONFIG_INVALID", `the environment variable \`${name}\` is not set`, {
    hint: "a connection is named by it; set it where the job runs",
  });
}
