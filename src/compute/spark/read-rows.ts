// Rows of a query on Spark, batch by batch as they are asked for.
import type { Row } from "../engine.ts";
import { createArrowRowReader } from "./arrow-rows.ts";
import { sqlPlan } from "./connect/connect-requests.ts";
import type { ConnectSession, OperationOptions } from "./connect/connect-session.ts";
import type { PlanExecution } from "./connect/plan-execution.ts";

/** Rows in chunks of at most Spark's batch, 10,000. To stop reading before the end interrupts the query. */
export function readRows(
  session: ConnectSession,
  sql: string,
  options: OperationOptions = {},
): AsyncGenerator<Row[], void> {
  return readPlan(session, sqlPlan(sql), options);
}

/** As `readRows`, for a plan that is no statement. */
export function readPlan(
  session: ConnectSession,
  plan: Uint8Array,
  options: OperationOptions = {},
): AsyncGenerator<Row[], void> {
  return toRows(session.execute(plan, options));
}

/** All rows of one query; for small results only. */
export async function queryRows(session: ConnectSession, sql: string, options: OperationOptions = {}): Promise<Row[]> {
  return (await Array.fromAsync(readRows(session, sql, options))).flat();
}

/** Rows of an operation that an earlier process has sent. */
export function reattachRows(
  session: ConnectSession,
  operationId: string,
  options: Omit<OperationOptions, "operationId" | "tags"> = {},
): AsyncGenerator<Row[], void> {
  return toRows(session.reattach(operationId, options));
}

async function* toRows(execution: PlanExecution): AsyncGenerator<Row[], void> {
  // before the operation begins, because it may be that the package is not there
  const read = await createArrowRowReader();
  for await (const result of execution) {
    if (result.kind === "batch" && result.rows > 0) yield read(result.bytes);
  }
}
