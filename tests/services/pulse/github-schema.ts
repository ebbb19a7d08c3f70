// The schemas of GitHub's own OpenAPI document, as judges of answers.
import { readFile } from "node:fs/promises";
import type { NpmPackages } from "../npm-packages.ts";

/** What an answer has wrong, one line for each; none where it is as GitHub says that its answers are. */
export type JudgeAnswer = (path: string, body: unknown) => readonly string[];

interface Document {
  readonly paths: Readonly<
    Record<string, { readonly get?: { readonly responses: Readonly<Record<string, { readonly content?: object }>> } }>
  >;
}

interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string; readonly params: object }[];
}

/** @param packages with `@octokit/openapi`, `ajv` and `ajv-formats` */
export async function createGithubJudge(packages: NpmPackages): Promise<JudgeAnswer> {
  const text = await readFile(packages.path("@octokit/openapi/generated/api.github.com.json"), "utf8");
  const document = JSON.parse(text, (_, value: unknown) => withNull(value)) as Document;
  const { Ajv } = (await packages.load("ajv")) as { readonly Ajv: new (options: object) => Validators };
  const { default: formats } = (await packages.load("ajv-formats")) as { readonly default: AddFormats };
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  (typeof formats === "function" ? formats : formats.default)(ajv);
  ajv.addSchema(document, "github");
  const patterns = Object.keys(document.paths)
    .filter((path) => document.paths[path]?.get?.responses["200"]?.content !== undefined)
    .map((path) => ({ path, pattern: toPattern(path), variables: path.split("{").length }))
    .toSorted((a, b) => a.variables - b.variables);
  const validators = new Map<string, Validator>();
  return (asked, body) => {
    const found = patterns.find(({ pattern }) => pattern.test(asked));
    if (found === undefined) return [`GitHub has no ${asked}`];
    const pointer = ["paths", found.path, "get", "responses", "200", "content", "application/json", "schema"]
      .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    const validate = validators.get(found.path) ?? ajv.compile({ $ref: `github#/${pointer}` });
    validators.set(found.path, validate);
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${found.path} ${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** OpenAPI 3.0 has a word of its own for what may be null. */
function withNull(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("nullable" in value)) return value;
  const { nullable, ...schema } = value;
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : typeof nullable === "boolean" ? schema : value;
}

interface Validators {
  addSchema(schema: object, name: string): void;
  compile(schema: object): Validator;
}
type AddFormats = ((ajv: object) => void) | { readonly default: (ajv: object) => void };

/** `{basehead}` and a branch may have slashes; all other parts have none. */
function toPattern(path: string): RegExp {
  const text = path
    .replaceAll(/[.+]/g, String.raw`\$&`)
    .replaceAll(/\{(?:basehead|ref)\}/g, ".+")
    .replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${text}$`);
}
