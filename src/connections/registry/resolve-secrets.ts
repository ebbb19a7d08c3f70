// Settings with references to secrets → the same settings with the secrets in the clear, and every one of them known to
// whoever masks what is shown.
import { isSecretReference, type Resolved, type SecretReference } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { isSecretKey } from "../../core/errors/secret-redactor.ts";

export interface SecretSources {
  /** `undefined` when the variable is not set. */
  readonly readVariable: (name: string) => string | undefined;
  /** `undefined` when there is no such file. Relative paths belong to the configuration. */
  readonly readFile: (path: string) => string | undefined;
  readonly onSecret: (secret: string) => void;
}

/** @param where the settings belong to, for messages @throws MillraceError `SECRET_MISSING` */
export function resolveSecrets<Settings>(
  settings: Settings,
  where: string,
  sources: SecretSources,
): Resolved<Settings> {
  // The walk keeps the shape and puts a text in the place of each reference, which is what `Resolved` says.
  return resolve(settings, "", where, sources) as Resolved<Settings>;
}

function resolve(value: unknown, key: string, where: string, sources: SecretSources): unknown {
  if (isSecretReference(value)) return readSecret(value, where, sources);
  if (typeof value === "string") {
    if (isSecretOption(key)) sources.onSecret(value);
    return value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => resolve(item, key, where, sources));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, name, where, sources)]));
}

function readSecret(reference: SecretReference, where: string, sources: SecretSources): string {
  const isVariable = "env" in reference;
  const found = isVariable ? sources.readVariable(reference.env) : sources.readFile(reference.file);
  const secret = isVariable ? found : found?.replace(/\r?\n$/, "");
  if (secret === undefined || secret === "") {
    const what = isVariable ? `environment variable \`${reference.env}\`` : `file \`${reference.file}\``;
    throw new MillraceError("SECRET_MISSING", `${where} needs the ${what}, which is not there or empty`, {
      hint: isVariable ? "set it where the worker runs" : "mount or write it where the worker runs",
    });
  }
  sources.onSecret(secret);
  return secret;
}

// Secrets that stand in the settings themselves; those by reference are known anyway.
function isSecretOption(name: string): boolean {
  return name === "bearer" || name === "key" || name === "value" || name === "proxy" || isSecretKey(name);
}
