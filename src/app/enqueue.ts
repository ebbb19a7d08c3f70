// Runs that come into being with a transaction of the caller: the transactional outbox that needs no second table.
import type { Job } from "../core/job/job.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import type { RunParams } from "../core/job/job-reference.ts";
import { formatRunId } from "../core/run-id.ts";
import type { Window } from "../core/schedule/window.ts";
import { toJson } from "../orchestrator/attempt/to-json.ts";
import { toSubmission } from "../orchestrator/submission/to-submission.ts";
import type { PostgresClient } from "../store/postgres/enqueue.ts";

/** `params` are needed where the job or pipeline requires some. */
export type EnqueueOptions<Params = unknown> = EnqueueSettings &
  (Record<never, never> extends RunParams<Params>
    ? { readonly params?: RunParams<Params> }
    : { readonly params: RunParams<Params> });

/** Options that may be left out where no param is required. */
export type EnqueueArguments<Params> =
  Record<never, never> extends EnqueueOptions<Params>
    ? [options?: EnqueueOptions<Params>]
    : [options: EnqueueOptions<Params>];

export interface EnqueueSettings {
  readonly window?: Window;
  /** Default `default`. */
  readonly tenant?: string;
  /** For the history. Default `enqueue`. */
  readonly createdBy?: string;
  /** While a run of the same name, params, window and tenant is unfinished, that one is returned. Default false. */
  readonly once?: boolean;
  /** Schema of the store, as `database.schema` in the project's configuration. Default `millrace`. */
  readonly schema?: string;
}

/** A run that exists if the caller's transaction commits. */
export interface EnqueuedRun {
  readonly runId: string;
  /** False when an unfinished run was found, with `once`. */
  readonly created: boolean;
}

/**
 * Submits a job or pipeline on the caller's own connection, inside the transaction that the caller began: the run and the
 * caller's rows come into being together or not at all. Workers hear of it at the commit.
 * @param client a connected client of `pg`, of the database that `MILLRACE_DATABASE_URL` names
 * @throws MillraceError `VALUE_INVALID` outside a transaction, `PARAMS_INVALID`, `STORE_UNAVAILABLE`
 */
export async function enqueue<Params>(
  client: PostgresClient,
  job: Job<string, Params> | JobPipeline<string, Params>,
  ...[options]: EnqueueArguments<NoInfer<Params>>
): Promise<EnqueuedRun> {
  const {
    params = {},
    window,
    tenant = "default",
    createdBy = "enqueue",
    once = false,
    schema = "millrace",
  }: EnqueueOptions = options ?? {};
  const json = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, toJson(value)]));
  const { runKey, ...submission } = toSubmission(job, { params: json, window, tenant, createdBy });
  // The database client is loaded by those who use it.
  const { enqueue: enqueueOnPostgres } = await import("../store/postgres/enqueue.ts");
  const keyed = once && runKey !== undefined ? { ...submission, runKey } : submission;
  const { rootRunId, created } = await enqueueOnPostgres(client, keyed, schema);
  return { runId: formatRunId(rootRunId), created };
}
