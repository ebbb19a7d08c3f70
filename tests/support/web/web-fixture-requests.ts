// What runs of the fixtures asked of services: two pages that came, one that was sent again, one that never did.
import type { RequestTotals, RunRequestPage, ServiceRequestRecord } from "../../../src/api/request.ts";
import { minutesAgo } from "./web-fixture-time.ts";

export const requestTotals: RequestTotals = { requests: 1_284, failed: 2, received_bytes: 48_310_224, kept: 502 };

const pages = Array.from({ length: 40 }, (_, index) => index + 1);

/** The requests of a run, as many as a page has. */
export function requestsOf(id: number, isFailedOnly: boolean, limit: number): RunRequestPage {
  const all = pages.map((page) => requestOf(id, page));
  const items = all.filter(({ failed }) => !isFailedOnly || failed).slice(0, limit);
  return { items, next_cursor: null, totals: requestTotals };
}

/** The newest of a connection, of two runs. */
export function lastRequestsOf(connection: string): readonly ServiceRequestRecord[] {
  return [4203, 4195].flatMap((id) => [3, 2, 1].map((page) => ({ ...requestOf(id, page), connection })));
}

function requestOf(id: number, page: number): ServiceRequestRecord {
  const hasFailed = page === 3 || page === 17;
  const answers = {
    status: page === 17 ? null : hasFailed ? 503 : 200,
    error: page === 17 ? "CONNECTION_FAILED" : null,
  };
  return {
    run_id: `r${id}`,
    seq: page,
    attempt: 1,
    connection: "github",
    method: "GET",
    address: `https://api.github.com/repos/acme/shop/pulls?state=all&per_page=100&page=${page}&access_token=[masked]`,
    unit: "acme/shop",
    page,
    ...answers,
    failed: hasFailed,
    repeat: page === 4 ? 1 : 0,
    started_at: minutesAgo(30 - page / 10),
    duration_ms: 120 + ((page * 7919) % 1_800),
    received_bytes: hasFailed ? 0 : 84_000 + ((page * 104_729) % 60_000),
  };
}
