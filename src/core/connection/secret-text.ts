// Texts with references to secrets in them: `${env:NAME}`, `${file:/path}`, `${ssm:/name}` and `${secretsmanager:name#key}`, alone or
// in the middle of other text.
import { MillraceError } from "../errors/errors.ts";
import { suggest } from "../errors/suggest.ts";
import type { SecretReference } from "./secret.ts";

/** A secret that a service of Amazon keeps. */
export type ServiceReference =
  /** A parameter of Systems Manager, decrypted. */
  | { readonly ssm: string }
  /** A secret of Secrets Manager, by name or ARN; with `key` the member of that name of its JSON. */
  | { readonly secretsmanager: string; readonly key?: string };

/** Text as it is, and what stands for a secret. */
export type TextPart = string | SecretReference | ServiceReference;

const kinds = ["env", "file", "ssm", "secretsmanager"] as const;
const reference = /\$\{([a-z]+):([^{}]*)\}/g;

/** Whether a text has something that is written like a reference. */
export function hasReference(text: string): boolean {
  return text.search(reference) >= 0;
}

/** @param where the text stands, for messages @throws MillraceError `CONFIG_INVALID` for an unknown kind, and for one that names nothing */
export function splitReferences(text: string, where: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(reference)) {
    const [whole, kind = "", name = ""] = match;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(toReference(kind, name.trim(), where));
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function toReference(kind: string, name: string, where: string): SecretReference | ServiceReference {
  const known = kinds.find((candidate) => candidate === kind);
  if (known === undefined) {
    throw new MillraceError(
      "CONFIG_INVALID",
      `${where} has a reference of unknown kind \`${kind}\`${suggest(kind, kinds)}`,
      {
        hint: `known kinds: ${kinds.map((each) => `\`\${${each}:…}\``).join(", ")}`,
      },
    );
  }
  const [id, key]: readonly [string, string?] = known === "secretsmanager" ? splitKey(name) : [name];
  if (id === "" || key === "") {
    throw new MillraceError("CONFIG_INVALID", `${where} has a reference that names nothing: \`\${${kind}:${name}}\``);
  }
  if (known === "env") return { env: id };
  if (known === "file") return { file: id };
  if (known === "ssm") return { ssm: id };
  return { secretsmanager: id, ...(key === undefined ? {} : { key }) };
}

// No name of a secret has a `#`.
function splitKey(name: string): readonly [string, string?] {
  const at = name.indexOf("#");
  return at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)];
}
