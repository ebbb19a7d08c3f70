// What runs asked of services: of one run, and the newest of a connection.
import type { RunRequestPage, ServiceRequestRecord } from "../../../api/request.ts";
import { isFailedExchange } from "../../../core/connection/exchange.ts";
import { formatRunId } from "../../../core/run-id.ts";
import type { ExchangeRecord } from "../../../store/record/exchange-records.ts";
import type { CallInput, Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import { requireRun } from "../../require-run.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant } from "../../views/to-instant.ts";
import { toRequestTotals } from "../../views/runs/to-run-detail.ts";

const defaultLimit = 50;
const maxLastRequests = 20;

export function createRequestHandlers(
  services: ServerServices,
): Handlers<"listRunRequests" | "listConnectionRequests"> {
  const { store } = services;
  return {
    listRunRequests: (input) => listRunRequests(services, input),
    listConnectionRequests: async ({ params }) => ({
      items: (await store.listExchangesThrough(params.connection, maxLastRequests)).map(toRequest),
    }),
  };
}

async function listRunRequests(
  { store }: ServerServices,
  { params, query: { cursor, limit = defaultLimit, failed = false } }: CallInput<"listRunRequests">,
): Promise<RunRequestPage> {
  const { id } = await requireRun(store, params.run_id);
  const [traffic, found] = await Promise.all([
    store.findTraffic(id),
    store.listExchanges({ runId: id, isFailed: failed, after: parseCursor(cursor), limit }),
  ]);
  const last = found.at(-1);
  return {
    items: found.map(toRequest),
    next_cursor: found.length < limit || last === undefined ? null : String(last.seq),
    totals: toRequestTotals(traffic),
  };
}

function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
}

function toRequest(record: ExchangeRecord): ServiceRequestRecord {
  const { runId, seq, attempt, method, address, repeat, startedAtMs, durationMs, receivedBytes } = record;
  return {
    run_id: formatRunId(runId),
    seq,
    attempt,
    connection: record.connection ?? null,
    method,
    address,
    unit: record.unit ?? null,
    page: record.page ?? null,
    status: record.status ?? null,
    error: record.error ?? null,
    failed: isFailedExchange(record),
    repeat,
    started_at: toInstant(startedAtMs),
    duration_ms: durationMs,
    received_bytes: receivedBytes,
  };
}
