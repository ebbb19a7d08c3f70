// The session of a run on Spark: views over files, and queries that outlive the worker that has sent them. What a query writes has no
// effect until it is published, so that one which runs twice does no harm.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { ClusterQuery, ClusterSession, StoredFiles } from "../../cluster.ts";
import type { Column } from "../../engine.ts";
import { parquetViewPlan, sqlPlan, writeParquetPlan } from "../connect/connect-requests.ts";
import type { ExecutionProgress } from "../connect/connect-responses.ts";
import type { ConnectSession } from "../connect/connect-session.ts";
import type { PlanExecution } from "../connect/plan-execution.ts";
import { queryRows } from "../read-rows.ts";
import { type ResultFolder, type Sending, takenOver } from "./result-folder.ts";
import { toPlaceError } from "./to-place-error.ts";
import { quoteSparkName, toEngineColumns, toSparkColumns } from "./spark-types.ts";

export interface SparkClusterSessionOptions {
  readonly session: ConnectSession;
  readonly results: ResultFolder;
  readonly where: string;
  /** What Spark's own screens show. */
  readonly tag: string;
  readonly signal: AbortSignal;
}

export class SparkClusterSession implements ClusterSession {
  readonly where: string;
  readonly #session: ConnectSession;
  readonly #results: ResultFolder;
  readonly #tag: string;
  readonly #signal: AbortSignal;

  constructor({ session, results, where, tag, signal }: SparkClusterSessionOptions) {
    this.where = where;
    this.#session = session;
    this.#results = results;
    this.#tag = tag;
    this.#signal = signal;
  }

  reads({ paths }: StoredFiles): boolean {
    return paths.every((path) => this.#results.seenPath(path) !== undefined);
  }

  async putInput(name: string, write: (path: string) => Promise<void>): Promise<string> {
    return await this.#results.putInput(name, write);
  }

  async defineTable(name: string, { paths, columns, partitions }: StoredFiles): Promise<void> {
    const stored = toSparkColumns(name, columns);
    const schema = stored.map(({ quoted, type }) => `${quoted} ${type}`).join(", ");
    if (paths.length === 0) {
      const nothing = stored.map(({ quoted, queried }) => `CAST(NULL AS ${queried}) AS ${quoted}`).join(", ");
      return await this.#defineView(name, `SELECT ${nothing} WHERE false`);
    }
    const isAsStored = columns.every(({ isStoredAsInstant }) => isStoredAsInstant !== true);
    const view = isAsStored ? name : `millrace_files_of_${name}`;
    const root = partitions === undefined ? {} : { basePath: this.#seenPath(partitions.root) };
    const seen = paths.map((path) => escapePattern(this.#seenPath(path)));
    try {
      await this.#run(parquetViewPlan({ name: view, schema, paths: seen, ...root }));
    } catch (error) {
      throw toPlaceError(error, seen[0] ?? "");
    }
    if (isAsStored) return;
    const list = stored.map(({ quoted, type, queried }) => {
      return type === queried ? quoted : `CAST(${quoted} AS ${queried}) AS ${quoted}`;
    });
    await this.#defineView(name, `SELECT ${list.join(", ")} FROM ${quoteSparkName(view)}`);
  }

  async describe(sql: string): Promise<readonly Column[]> {
    try {
      return toEngineColumns(await this.#session.schema(sqlPlan(sql), { signal: this.#signal }));
    } catch (error) {
      throw namingTable(error);
    }
  }

  async compute(query: ClusterQuery): Promise<readonly string[]> {
    let isPrepared = false;
    for (;;) {
      const sending = await this.#results.find(query.identity);
      if (sending.state === undefined && !isPrepared) {
        await query.prepare();
        isPrepared = true;
      }
      const files = await this.#finish(sending, query);
      if (files !== undefined) return files;
    }
  }

  async removeRows(): Promise<void> {
    await this.#results.remove();
  }

  /** A later attempt works in the same session, which is then left open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isOurs = await this.#results.isOurs().catch(() => true);
    if (isOurs) await this.#session[Symbol.asyncDispose]();
    else this.#session.leave();
  }

  /** @returns nothing for a query that Spark does not know any more, which is then over */
  async #finish(sending: Sending, query: ClusterQuery): Promise<readonly string[] | undefined> {
    const { sql, onProgress, onSent } = query;
    await onSent(sending.operationId);
    const known = await this.#results.list(sending);
    if (known !== undefined) return known;
    const options = {
      signal: this.#signal,
      isOurs: () => this.#results.isOurs(),
      onProgress: (progress: ExecutionProgress) => tell(progress, onProgress),
    };
    const { operationId } = sending;
    try {
      if (sending.state === "sent") {
        await drain(this.#session.reattach(operationId, options));
      } else {
        // first, so that nobody sends it again
        await this.#results.note(sending, "sent");
        const plan = writeParquetPlan(sql, sending.folder);
        await drain(this.#session.execute(plan, { ...options, operationId, tags: [this.#tag] }));
      }
    } catch (error) {
      // it may be running
      if (isUnheard(error)) throw error;
      await this.#assertOurs(error);
      await this.#results.note(sending, "over");
      if (sending.state === "sent" && isForgotten(error)) return undefined;
      throw toPlaceError(namingTable(error), sending.folder);
    }
    const files = await this.#results.list(sending);
    if (files !== undefined) return files;
    await this.#assertOurs();
    await this.#results.note(sending, "over");
    throw new MillraceError("CONFIG_INVALID", `Spark has written rows that are not here, got: \`${sending.folder}\``, {
      hint: "set `compute.folder` to a folder, or to a part of a bucket, that this machine and all of Spark see under the same name",
    });
  }

  /** What a later attempt has begun or removed is not this one's to note. @throws MillraceError `RUN_LOST` */
  async #assertOurs(cause?: unknown): Promise<void> {
    if (!(await this.#results.isOurs())) throw takenOver(cause);
  }

  #seenPath(path: string): string {
    return this.#results.seenPath(path) ?? path;
  }

  async #defineView(name: string, sql: string): Promise<void> {
    const statement = `CREATE OR REPLACE TEMPORARY VIEW ${quoteSparkName(name)} AS ${sql}`;
    await queryRows(this.#session, statement, { signal: this.#signal, tags: [this.#tag] });
  }

  async #run(plan: Uint8Array): Promise<void> {
    await drain(this.#session.execute(plan, { signal: this.#signal, tags: [this.#tag] }));
  }
}

async function drain(execution: PlanExecution): Promise<void> {
  for await (const _result of execution);
}

/** What Spark does not find is mostly an input that was not named. */
function namingTable(error: unknown): unknown {
  if (!(error instanceof MillraceError) || error.details?.["sparkClass"] !== "TABLE_OR_VIEW_NOT_FOUND") return error;
  return new MillraceError("DATASET_UNKNOWN", error.message, {
    hint: "name what the query reads in `inputs`",
    cause: error,
  });
}

/** It may be running: Spark could not be asked. */
function isUnheard(error: unknown): boolean {
  return error instanceof MillraceError && error.code === "SERVICE_UNAVAILABLE";
}

function isForgotten(error: unknown): boolean {
  return error instanceof MillraceError && (error.code === "OPERATION_LOST" || error.code === "SESSION_LOST");
}

function tell({ tasks, completedTasks }: ExecutionProgress, onProgress: ClusterQuery["onProgress"]): void {
  onProgress(completedTasks, tasks);
}

/** Spark takes paths as patterns. */
function escapePattern(path: string): string {
  return path.replaceAll(/[[\]{}*?\\]/g, String.raw`\$&`);
}
