// Makes jobs of a file of YAML or JSON by the same constructors that code calls, so that the same options are allowed and the
// same ones refused. What is refused is told with file, line and column.
import { relative } from "node:path";
import { dataset } from "../../core/dataset/dataset-handle.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { isSecretKey } from "../../core/errors/secret-redactor.ts";
import type { Job } from "../../core/job/job.ts";
import { readProjectText } from "../bundled/bundled-project.ts";
import { importMillrace } from "../import-module.ts";
import type { SourcePosition } from "../locate-property.ts";
import { toFieldsSchema } from "./declared-fields.ts";
import { type DeclaredJob, listDeclaredJobs } from "./declared-jobs.ts";
import { findLiteralSecrets } from "./find-literal-secrets.ts";

export interface LoadedFile {
  readonly jobs: readonly Job[];
  /** What a person should know, with its place. */
  readonly warnings: readonly string[];
}

/**
 * @param path absolute @param root of the project
 * @throws MillraceError `MODULE_UNREADABLE`, and what constructors throw, with line and column
 */
export async function loadDeclared(path: string, root: string): Promise<LoadedFile> {
  const text = await readProjectText(path, root);
  const file = relative(root, path);
  try {
    const declared = listDeclaredJobs(text, file);
    const constructors = await importMillrace();
    const jobs = declared.map((job) => construct(job, file, constructors));
    return { jobs, warnings: declared.flatMap((job) => warningsOf(job, file)) };
  } catch (error) {
    throw withExcerpt(error, text);
  }
}

type Constructor = (definition: unknown) => Job;

function construct(declared: DeclaredJob, file: string, constructors: Readonly<Record<string, unknown>>): Job {
  const { value, placeOf } = declared;
  try {
    // the one that is neither is taken for what most jobs are, whose refusal then names what is missing
    const constructor = "sql" in value && !("source" in value) ? "sqlJob" : "integrationJob";
    return (constructors[constructor] as Constructor)(toDefinition(value));
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const option = error.details?.["option"];
    const place = placeOf(Array.isArray(option) ? (option as PropertyKey[]) : ["name"]);
    throw new MillraceError(error.code, `${file}:${place.line}:${place.column}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      details: { ...error.details, place },
      cause: error,
    });
  }
}

/** As code would write it: schemas of params and config, and handles of datasets that come from elsewhere. */
function toDefinition({ params, config, ...job }: DeclaredJob["value"]): Readonly<Record<string, unknown>> {
  const where = typeof job["name"] === "string" ? `job \`${job["name"]}\`` : "a job";
  const source = job["source"];
  return {
    ...job,
    ...(params === undefined ? {} : { params: toFieldsSchema(params, "params", where) }),
    ...(config === undefined ? {} : { config: toFieldsSchema(config, "config", where) }),
    ...(isObject(source) && "dataset" in source
      ? { source: { ...source, dataset: withHandles(source["dataset"]) } }
      : {}),
    ...("inputs" in job ? { inputs: withHandles(job["inputs"]) } : {}),
    ...("checks" in job ? { checks: withHandles(job["checks"]) } : {}),
  };
}

/** `{ external: orders }` stands for `dataset("orders", { external: true })`. */
function withHandles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHandles);
  if (!isObject(value)) return value;
  const { external, ...others } = value;
  if (typeof external === "string" && Object.keys(others).length === 0) return dataset(external, { external: true });
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withHandles(item)]));
}

function warningsOf({ value, placeOf }: DeclaredJob, file: string): string[] {
  return findLiteralSecrets(value).map((path) => {
    const { line, column } = placeOf(path);
    const advice = "use a connection, or `{{config.…}}` with the value from the environment";
    return `${file}:${line}:${column}: \`${path.map(String).join(".")}\` has a credential as text; ${advice}`;
  });
}

/** Adds the line that the error is about, for whoever prints it; not one that may have a credential. */
function withExcerpt(error: unknown, text: string): unknown {
  const place = error instanceof MillraceError ? (error.details?.["place"] as SourcePosition | undefined) : undefined;
  if (!(error instanceof MillraceError) || place === undefined) return error;
  const line = text.split(/\r?\n/)[place.line - 1] ?? "";
  const names = line.match(/[A-Za-z][\w-]*/g) ?? [];
  if (line.length > 200 || names.some((name) => isSecretKey(name) || name === "bearer" || name === "value"))
    return error;
  const gutter = `${place.line} | `;
  const excerpt = [`${gutter}${line}`, `${" ".repeat(gutter.length + place.column - 1)}^`];
  return new MillraceError(error.code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { ...error.details, excerpt },
    cause: error,
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
