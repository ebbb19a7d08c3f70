// How much a run asked of services, asked for again while it executes: no message tells of it.
import type { RequestTotals } from "../../api/request.ts";
import { useApi } from "../queries/use-api.ts";
import { useLiveRun, type RunLive } from "./use-run.ts";

/** Requests are written about once a second. */
export const requestsRefreshMs = 1_500;

export function useRequestTotals({ runId, detail, store }: RunLive): RequestTotals {
  const isExecuting = (useLiveRun(store, runId)?.state ?? detail.state) === "RUNNING";
  const { data } = useApi(
    "listRunRequests",
    { params: { run_id: runId }, query: { limit: 1 } },
    { enabled: detail.kind === "job", ...(isExecuting ? { refetchMs: requestsRefreshMs } : {}) },
  );
  return data?.totals ?? detail.requests;
}
