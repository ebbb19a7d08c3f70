// A job as other code names it: by itself, with the types of what it takes and returns, or by its name.
import { z } from "zod";
import { expecting } from "../spec/option-notes.ts";
import { text } from "../spec/option-values.ts";

declare const resultType: unique symbol;

/** What each job is to those who start it or wait for it. */
export interface JobReference<Name extends string = string, Params = unknown, Result = unknown> {
  readonly kind: "job";
  readonly name: Name;
  readonly params: z.ZodType<unknown, Params>;
  /** Carries the type of what `execute` returns; no job has it. */
  readonly [resultType]?: Result;
}

/** What a run of a job or pipeline is given. Anything goes where the params are not declared. */
export type RunParams<Params> = unknown extends Params ? Readonly<Record<string, unknown>> : Readonly<Params>;

/** Arguments that begin with params, which may be left out where none is required. */
export type RunArguments<Params, More extends readonly unknown[] = []> =
  Record<never, never> extends RunParams<Params>
    ? [params?: RunParams<Params>, ...more: More]
    : [params: RunParams<Params>, ...more: More];

/** The params that a job takes. */
export type ParamsOf<AnyJob> = AnyJob extends JobReference<string, infer Params> ? Params : never;

/** What a job returns, as JSON gives it back. */
export type ResultOf<AnyJob> = AnyJob extends { readonly [resultType]?: infer Result } ? Result : unknown;

/** Tells whether a value is a job, also one made by another copy of this module. */
export function isJobReference(value: unknown): value is JobReference {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "job" && "name" in value;
}

/** The name that is meant; anything but a job is returned as it is, for the caller to check. */
export function toJobName(job: string | JobReference): string {
  return isJobReference(job) ? job.name : job;
}

/** An option that takes jobs by their names or as they are. */
export function jobReferences(): z.ZodType<readonly (string | JobReference)[], readonly (string | JobReference)[]> {
  const job = expecting("a job or its name", z.union([text(), z.custom<JobReference>(isJobReference)]));
  return expecting("a list of jobs", z.array(job).readonly());
}
