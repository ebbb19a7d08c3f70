// Settings with references to secrets → the same settings with the secrets in the clear, and every one of them known to
// whoever masks what is shown.
import { isSecretReference, type Resolved, type SecretReference } from "../../core/connection/secret.ts";
import { hasReference, type ServiceReference, splitReferences } from "../../core/connection/secret-text.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { isSecretKey } from "../../core/errors/secret-redactor.ts";

export interface SecretSources {
  /** `undefined` when the variable is not set. */
  readonly readVariable: (name: string) => string | undefined;
  /** `undefined` when there is no such file. Relative paths belong to the configuration. */
  readonly readFile: (path: string) => string | undefined;
  /** Reads what a service keeps. @throws MillraceError as the service's reader */
  readonly readService: (reference: ServiceReference) => Promise<string>;
  readonly onSecret: (secret: string) => void;
}

/**
 * Objects that are references, and references in texts: `${ssm:/name}` and the like.
 * @param where the settings belong to, for messages
 * @throws MillraceError `SECRET_MISSING`, `CONFIG_INVALID` for a reference that is none, and what services refuse
 */
export async function resolveSecrets<Settings>(
  settings: Settings,
  where: string,
  sources: SecretSources,
): Promise<Resolved<Settings>> {
  // The walk keeps the shape and puts a text in the place of each reference, which is what `Resolved` says.
  return (await resolve(settings, "", where, sources)) as Resolved<Settings>;
}

async function resolve(value: unknown, key: string, where: string, sources: SecretSources): Promise<unknown> {
  if (isSecretReference(value)) return readSecret(value, where, sources);
  if (typeof value === "string") {
    const text = hasReference(value) ? await fill(value, where, sources) : value;
    if (isSecretOption(key)) sources.onSecret(text);
    return text;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return await Promise.all(value.map((item) => resolve(item, key, where, sources)));
  const entries = Object.entries(value).map(
    async ([name, item]) => [name, await resolve(item, name, where, sources)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function fill(text: string, where: string, sources: SecretSources): Promise<string> {
  const parts = splitReferences(text, where).map(async (part) => {
    if (typeof part === "string") return part;
    if ("env" in part || "file" in part) return readSecret(part, where, sources);
    const secret = await sources.readService(part);
    sources.onSecret(secret);
    return secret;
  });
  return (await Promise.all(parts)).join("");
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
