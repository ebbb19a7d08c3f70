// The jobs and pipelines of a project by name, and the file each comes from.
import { MillraceError } from "../core/errors/errors.ts";
import type { Job } from "../core/job/job.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import { suggest } from "../core/errors/suggest.ts";

/** A name that two definitions have, and the files that they come from. */
export interface DuplicateName {
  readonly name: string;
  readonly files: readonly [string | undefined, string];
}

/** @param places where the two are, as a person reads it @param duplicate for whoever knows better places */
export function duplicateName(
  name: string,
  [place, other]: readonly [string, string],
  duplicate?: DuplicateName,
): MillraceError {
  return new MillraceError("JOB_DUPLICATE", `the name \`${name}\` is used in ${place} and in ${other}`, {
    hint: "rename one of the two",
    ...(duplicate === undefined ? {} : { details: { duplicate } }),
  });
}

/** Names are unique over jobs and pipelines together. */
export class Definitions {
  readonly jobs: Map<string, Job> = new Map();
  readonly pipelines: Map<string, JobPipeline<string>> = new Map();
  readonly #files = new Map<string, string>();
  readonly #warnings: string[] = [];

  /** Adds a definition and, for a pipeline, its jobs. The same object may come from several files. @throws MillraceError `JOB_DUPLICATE` */
  add(definition: Job | JobPipeline<string>, file: string): void {
    if (definition.kind === "job") {
      this.#claimName(definition, this.jobs.get(definition.name) ?? this.pipelines.get(definition.name), file);
      this.jobs.set(definition.name, definition);
      return;
    }
    this.#claimName(definition, this.pipelines.get(definition.name) ?? this.jobs.get(definition.name), file);
    this.pipelines.set(definition.name, definition);
    for (const { job } of definition.nodes()) this.add(job, file);
  }

  /** @throws MillraceError `JOB_UNKNOWN` with the closest name */
  find(name: string): Job | JobPipeline<string> {
    const found = this.pipelines.get(name) ?? this.jobs.get(name);
    if (found !== undefined) return found;
    const known = this.names();
    throw new MillraceError("JOB_UNKNOWN", `unknown job or pipeline \`${name}\`${suggest(name, known)}`, {
      hint: known.length === 0 ? "the project has none yet; `jobs/` is where they go" : "`millrace jobs` lists them",
    });
  }

  /** What a person should know of the files, each with its place. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  warn(warnings: readonly string[]): void {
    this.#warnings.push(...warnings);
  }

  /** Pipelines first. */
  names(): string[] {
    return [...this.pipelines.keys(), ...this.jobs.keys()];
  }

  /** The file that defines a name, relative to the project. */
  fileOf(name: string): string | undefined {
    return this.#files.get(name);
  }

  /** The names that a file defines. */
  namesIn(file: string): string[] {
    return [...this.#files].flatMap(([name, of]) => (of === file ? [name] : []));
  }

  #claimName(
    definition: Job | JobPipeline<string>,
    existing: Job | JobPipeline<string> | undefined,
    file: string,
  ): void {
    if (existing !== undefined && existing !== definition) {
      const other = this.#files.get(definition.name);
      throw duplicateName(definition.name, [other ?? "another file", file], {
        name: definition.name,
        files: [other, file],
      });
    }
    if (existing === undefined) this.#files.set(definition.name, file);
  }
}
