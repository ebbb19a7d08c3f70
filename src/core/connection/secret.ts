// Secrets by reference: a configuration says where a secret is, so that it is in no file and no history of files.
import { z } from "zod";
import { concealing, expecting } from "../spec/option-notes.ts";

/** Where a secret is, instead of what it is. */
export type SecretReference =
  | { readonly env: string }
  /** Path of a file that holds nothing else, relative to the configuration; a line end at its end does not count. */
  | { readonly file: string };

/**
 * The secret itself, or where it is; as text `env:NAME` and `file:path` are where it is, too, and `${env:NAME}`, `${file:path}`,
 * `${ssm:/name}` and `${secretsmanager:name#key}` are, also in the middle of other text.
 */
export type Secret = string | SecretReference;

/** The value of an environment variable, read when the connection is used for the first time. */
export function env(name: string): SecretReference {
  return { env: name };
}

/** The content of a file, such as one that a container is given. Relative paths belong to the configuration. */
export function secretFile(path: string): SecretReference {
  return { file: path };
}

/** The same settings with every secret in the clear. */
export type Resolved<Settings> = Settings extends SecretReference
  ? string
  : Settings extends (...given: never[]) => unknown
    ? Settings
    : Settings extends object
      ? { readonly [Name in keyof Settings]: Resolved<Settings[Name]> }
      : Settings;

/** What a person may write; a reference that was written as text comes out as one. */
export function secret(): z.ZodType<Secret, Secret> {
  const name = z.string().min(1);
  const schema = z.union([
    name.transform(findReference),
    z.strictObject({ env: name }),
    z.strictObject({ file: name }),
  ]);
  return concealing(expecting('a text, `env("NAME")` or `secretFile("path")`', schema)) as z.ZodType<Secret, Secret>;
}

// Addresses of databases are given as `env:NAME`, and who writes that for a token means no token of this name.
function findReference(text: string): Secret {
  const [, place, name = ""] = /^(env|file):(.+)$/s.exec(text) ?? [];
  if (place === undefined) return text;
  return place === "env" ? env(name) : secretFile(name);
}

export function isSecretReference(value: unknown): value is SecretReference {
  if (typeof value !== "object" || value === null) return false;
  const [name, ...others] = Object.keys(value);
  return others.length === 0 && (name === "env" || name === "file");
}
