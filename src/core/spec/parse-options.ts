// Options that a person wrote, checked against a spec. The first thing that is wrong is refused by name; a name that nobody
// knows goes before the rest, since it is why another one seems to be missing.
import type { z } from "zod";
import type { ErrorCode } from "../errors/error-codes.ts";
import { MillraceError } from "../errors/errors.ts";
import { suggest } from "../errors/suggest.ts";
import { expectationOf, unwrap } from "./expectation.ts";
import { notesOf } from "./option-notes.ts";
import type { Spec } from "./spec.ts";

// A spec is used a few times in the life of a process, which is less often than it pays to compile it.
const interpreted: z.core.ParseContext<z.core.$ZodIssue> & { jitless: true } = { jitless: true };

/** The path to an option: names, and numbers for places in a list. */
export type OptionPath = readonly PropertyKey[];

/**
 * The options with their defaults.
 * @param where names what the options belong to, such as ``job `load` ``
 * @throws MillraceError `JOB_INVALID`, unless `code` says otherwise; its details hold the path of the option
 */
export function parseOptions<Filled>(
  spec: Spec<unknown, Filled>,
  options: unknown,
  where: string,
  code: ErrorCode = "JOB_INVALID",
): Filled {
  const { schema } = spec;
  const parsed = schema.safeParse(options, interpreted);
  if (parsed.success) return inGivenOrder(options, parsed.data) as Filled;
  const problem = findProblem(schema, parsed.error.issues);
  if (problem.unknown === undefined)
    throw refusal(where, problem.path, expectationOf(problem.schema), tellableAt(options, problem), { code });
  throw unknownOption(where, problem.path, problem.unknown, knownOptions(problem.schema), code);
}

/**
 * The error for an option whose value breaks a rule, to be thrown.
 * @param expected completes "expected `x` to be …"
 */
export function refusal(
  where: string,
  path: OptionPath,
  expected: string,
  got: unknown,
  { code = "JOB_INVALID", hint }: { readonly code?: ErrorCode; readonly hint?: string } = {},
): MillraceError {
  const near = typeof got === "string" ? suggest(got, choicesOf(expected)) : "";
  const message = `expected ${nameOption(where, path)} to be ${expected}, got: \`${describeValue(got)}\`${near}`;
  return new MillraceError(code, message, { details: { option: path }, ...(hint === undefined ? {} : { hint }) });
}

/** ``` `threads` of `compute` of the configuration ```; the place itself for an empty path. */
function nameOption(where: string, path: OptionPath): string {
  const names: string[] = [];
  for (const key of path) {
    if (typeof key === "number" && names.length > 0) names.push(`${names.pop()}[${key}]`);
    else names.push(String(key));
  }
  const option = names.pop();
  const places = [names.join("."), option].filter((name) => name !== undefined && name !== "");
  return [...places.toReversed().map((name) => `\`${name}\``), where].filter((part) => part !== "").join(" of ");
}

function unknownOption(
  where: string,
  path: OptionPath,
  name: string,
  known: readonly string[],
  code: ErrorCode,
): MillraceError {
  const full = [...path, name];
  return new MillraceError(code, `unknown option ${nameOption(where, full)}${suggest(name, known)}`, {
    hint: known.length === 0 ? "it takes no options" : `known options: ${known.join(", ")}`,
    details: { option: full },
  });
}

function tellableAt(options: unknown, { schema, path }: Problem): unknown {
  return notesOf(unwrap(schema)).isSecret === true ? "what is not told here" : valueAt(options, path);
}

interface Problem {
  /** What is expected at `path`. */
  readonly schema: z.core.$ZodType;
  readonly path: OptionPath;
  /** The option below `path` that is not known. */
  readonly unknown?: string;
}

function findProblem(schema: z.core.$ZodType, issues: readonly z.core.$ZodIssue[]): Problem {
  const problems = issues.map((issue) => toProblem(schema, issue));
  const [first = { schema, path: [] }] = problems;
  return problems.find(({ unknown }) => unknown !== undefined) ?? first;
}

function toProblem(root: z.core.$ZodType, issue: z.core.$ZodIssue): Problem {
  // What is wrong deep inside of a value that the spec looks at as a whole is said of that value.
  let { path } = issue;
  let schema = schemaAt(root, path);
  for (; schema === undefined; schema = schemaAt(root, path)) path = path.slice(0, -1);
  if (issue.code === "unrecognized_keys" && issue.keys[0] !== undefined) {
    return { schema, path, unknown: issue.keys[0] };
  }
  if (issue.code !== "invalid_union") return { schema, path };
  // Where an option has several forms, the one was meant whose own kind of value came.
  const branch = issue.errors.findIndex((errors) =>
    errors.every(({ code, path: inside }) => inside.length > 0 || code === "unrecognized_keys"),
  );
  const form = formsOf(schema)[branch];
  if (form === undefined) return { schema, path };
  const inside = findProblem(form, issue.errors[branch] ?? []);
  return { ...inside, path: [...path, ...inside.path] };
}

/** The schema of what is at a path, without what makes it optional; of several forms the first that has the path. */
function schemaAt(root: z.core.$ZodType, path: OptionPath): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return root;
  const { def } = unwrap(root)._zod;
  switch (def.type) {
    case "object": {
      const option = def.shape[String(key)];
      return option === undefined ? undefined : schemaAt(option, rest);
    }
    case "record":
      return schemaAt(def.valueType, rest);
    case "array":
      return schemaAt(def.element, rest);
    case "union":
      return def.options.map((form) => schemaAt(form, path)).find((found) => found !== undefined);
    default:
      return undefined;
  }
}

function knownOptions(schema: z.core.$ZodType): readonly string[] {
  return formsOf(schema).flatMap((form) => {
    const { def } = unwrap(form)._zod;
    return def.type === "object" ? Object.keys(def.shape) : [];
  });
}

/** The forms that a value may have: most schemas have one. */
function formsOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { def } = unwrap(schema)._zod;
  return def.type === "union" ? def.options : [schema];
}

function valueAt(value: unknown, path: OptionPath): unknown {
  return path.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), value);
}

function choicesOf(expected: string): readonly string[] {
  if (!expected.startsWith("one of ")) return [];
  return [...expected.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

const longestValue = 200;

function describeValue(value: unknown): string {
  const shown =
    typeof value === "object" && value !== null
      ? JSON.stringify(value)
      : typeof value === "function"
        ? "a function"
        : String(value);
  return shown.length > longestValue ? `${shown.slice(0, longestValue)}…` : shown;
}

// An option that is `undefined` was left out. The order of options is kept, because that of targets has a meaning.
function inGivenOrder(given: unknown, filled: unknown): unknown {
  if (filled === given || !isObject(filled) || !isObject(given)) return filled;
  if (Array.isArray(filled)) return filled.map((item, index) => inGivenOrder(given[index], item));
  const names = new Set([...Object.keys(given), ...Object.keys(filled)]);
  const entries = [...names].map((name) => [name, inGivenOrder(given[name], filled[name])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function isObject(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === "object" && value !== null;
}
