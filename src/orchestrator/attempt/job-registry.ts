// The jobs this process can run. The composition root fills it; the orchestrator never imports a job.
import { createHash } from "node:crypto";
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Job } from "../../core/job/job.ts";
import { suggest } from "../../core/errors/suggest.ts";

/** Where a thread or process of its own finds a job again; what it means is between the composition root and its isolates. */
export type JobLocation = Readonly<Record<string, string>>;

/** Jobs by name. */
export interface JobRegistry {
  /** What a worker of this process can claim. */
  readonly names: ReadonlySet<string>;
  /** @throws MillraceError `JOB_UNKNOWN` with the closest known name */
  job(name: string): Job;
  /** Where the job's code is; `undefined` for one that exists in this process only. */
  locate(name: string): JobLocation | undefined;
  /** Tells one version of the job's code from another. */
  fingerprint(name: string): string;
}

export interface JobRegistryOptions {
  /** `undefined` for a job that is in no file. Default: none is. */
  readonly locate?: (job: string) => JobLocation | undefined;
}

/** A registry over a fixed set of jobs. @throws MillraceError `JOB_INVALID` for an isolated job that is in no file */
export function createJobRegistry(jobs: Iterable<Job>, options: JobRegistryOptions = {}): JobRegistry {
  const { locate = () => undefined } = options;
  const byName = new Map([...jobs].map((job) => [job.name, job]));
  for (const { name, isolation } of byName.values()) {
    if (isolation !== "inline" && locate(name) === undefined) throw notLocated(name, isolation);
  }
  const fingerprints = new Map<string, string>();
  const find = (name: string): Job => {
    const job = byName.get(name);
    if (job !== undefined) return job;
    throw new MillraceError("JOB_UNKNOWN", `unknown job \`${name}\`${suggest(name, byName.keys())}`, {
      hint: "this process does not have its code; `millrace jobs` lists what it has",
      details: { job: name },
    });
  };
  return {
    names: new Set(byName.keys()),
    job: find,
    locate,
    fingerprint(name) {
      const known = fingerprints.get(name) ?? fingerprintJob(find(name));
      fingerprints.set(name, known);
      return known;
    },
  };
}

function notLocated(name: string, isolation: string): MillraceError {
  const message = `expected job \`${name}\` to be in a file that a ${isolation} of its own can load, got: one defined by this program`;
  return new MillraceError("JOB_INVALID", message, {
    hint: "move it to a file below `jobs/` that default-exports it, or leave `isolation` out",
  });
}

/**
 * A short name for the code of a job, so that a change between two attempts of a run is noticed:
 * 16 hex digits over the text of its functions and its schemas. What its functions call is not looked into.
 */
export function fingerprintJob(job: Pick<Job, "codeText" | "config" | "params">): string {
  const text = [...job.codeText(), describeSchema(job.config), describeSchema(job.params)].join("\n\0\n");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function describeSchema(schema: z.ZodType): string {
  try {
    return JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any", cycles: "ref", io: "input" }));
  } catch {
    // A schema that JSON Schema has no words for says nothing here.
    return "";
  }
}
