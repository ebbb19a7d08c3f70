// The jobs of a file of YAML or JSON, as values: documents, each a job or a list of them under `jobs`.
import type { OptionPath } from "../../core/spec/parse-options.ts";
import type { DefinedPart, SourcePosition } from "../locate-property.ts";
import { parseText, type TextDocument, unreadable } from "./yaml-text.ts";

/** A job as it is written. */
export interface DeclaredJob {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where an option of the job stands. */
  readonly placeOf: (path: OptionPath) => SourcePosition;
}

/** @throws MillraceError `MODULE_UNREADABLE` with line and column, also for a file without a job */
export function listDeclaredJobs(text: string, file: string): readonly DeclaredJob[] {
  const jobs = parseText(text, file).flatMap((document) => jobsOf(document, file));
  if (jobs.length === 0) throw unreadable(file, undefined, "it declares no job", "see docs/reference/yaml-jobs.md");
  return jobs;
}

/** The place of what the job of that name says, as `locateDefinition` finds it in code; `undefined` where there is none. */
export function locateDeclared(
  text: string,
  file: string,
  name: string,
  { options = [], value, after = 0 }: DefinedPart,
): SourcePosition | undefined {
  const job = listDeclaredJobs(text, file).filter((one) => one.value["name"] === name)[after];
  if (job === undefined) return undefined;
  const written = options.filter((option) => job.value[option] !== undefined);
  const texts = written.flatMap((option) => findText(job.value[option], value, [option]));
  return job.placeOf(texts[0] ?? (written[0] === undefined ? ["name"] : [written[0]]));
}

function jobsOf({ value, placeOf }: TextDocument, file: string): DeclaredJob[] {
  if (!isObject(value)) throw unreadable(file, placeOf([]), "expected a job, or a list of them under `jobs`");
  const { $schema: _, ...job } = value;
  if (!("jobs" in job)) return [{ value: job, placeOf }];
  const { jobs, ...others } = job;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw unreadable(file, placeOf([other]), `\`${other}\` stands beside \`jobs\``, "it belongs into one of the jobs");
  if (!Array.isArray(jobs)) throw unreadable(file, placeOf(["jobs"]), "expected `jobs` to be a list of jobs");
  return jobs.map((one: unknown, index) => {
    const base = ["jobs", index];
    if (!isObject(one)) throw unreadable(file, placeOf(base), "expected a job");
    return { value: one, placeOf: (path) => placeOf([...base, ...path]) };
  });
}

function findText(value: unknown, text: string | undefined, path: OptionPath): OptionPath[] {
  if (typeof value === "string") return value === text ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, item]) => findText(item, text, [...path, key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
