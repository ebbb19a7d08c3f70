// What every stream of Jira has in common: it goes through one connection, only reads, and is merged by its key.
import type { Check } from "../../core/dataset/check.ts";
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import type { OutputOptions } from "../../core/dataset/dataset.ts";
import type { Job } from "../../core/job/job.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../data/jobs/integration-job.ts";
import type { UnitOptions } from "../../data/units/unit-options.ts";
import type { JiraSettings } from "./options.ts";

type HttpOptions = Extract<IntegrationJobDefinition["source"], { readonly http: unknown }>["http"];

/** One stream, before it is a job. */
export interface StreamOptions extends UnitOptions {
  /** Without the prefix. */
  readonly name: string;
  readonly description: string;
  readonly http: Omit<HttpOptions, "connection">;
  readonly convert: readonly ConvertStep[];
  /** Columns that identify a row; without them all rows are replaced. */
  readonly key?: readonly string[];
  readonly checks?: readonly Check[];
  /** Keeps what is no longer given, with when it held. */
  readonly isHistory?: boolean;
}

/** Makes the job of a stream. */
export type DefineStream = (stream: StreamOptions) => Job;

/** Without a row a stream is no failure: a site may have no boards. */
export function definerOf({ connection, prefix, retry }: JiraSettings): DefineStream {
  return ({ name, description, http, convert, key, checks = [], isHistory = false, ...units }) => {
    const dataset = `${prefix}${name}`;
    return integrationJob({
      name: dataset,
      description,
      purpose: "extraction",
      source: { http: { ...http, connection, retry: { resend: true } } },
      convert,
      checks,
      onEmpty: "ok",
      output: toOutput(dataset, key, isHistory),
      ...units,
      ...(retry === undefined ? {} : { retry }),
    });
  };
}

function toOutput(dataset: string, key: readonly string[] | undefined, isHistory: boolean): OutputOptions {
  if (key === undefined) return { dataset };
  return isHistory ? { dataset, mode: "scd2", absent: "close", key } : { dataset, mode: "merge", key };
}
