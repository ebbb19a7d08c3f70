// Lists failures that nobody has put right yet, in clusters of the same error.
import type { FailureCluster } from "../../api/control.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { FailureClusterRecord } from "../../store/search/search-store.ts";
import type { Handlers } from "../handler.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant, toMs } from "../views/to-instant.ts";

const defaultSpanMs = 7 * 86_400_000;
const maxClusters = 200;

export function createFailureHandlers({ store }: ServerServices): Handlers<"listFailures"> {
  return {
    async listFailures({ query: { since, job, q } }) {
      const text = q?.trim() ?? "";
      const clusters = await store.listFailureClusters({
        sinceMs: toMs(since) ?? (await store.readClockMs()) - defaultSpanMs,
        ...(job === undefined ? {} : { job }),
        ...(text === "" ? {} : { text }),
        limit: maxClusters,
      });
      return { items: clusters.map(toCluster) };
    },
  };
}

function toCluster(cluster: FailureClusterRecord): FailureCluster {
  return {
    fingerprint: cluster.fingerprint,
    job_name: cluster.job,
    code: cluster.code,
    message: cluster.message,
    hint: cluster.hint ?? null,
    error_class: cluster.errorClass ?? null,
    count: cluster.count,
    first_at: toInstant(cluster.firstAtMs),
    last_at: toInstant(cluster.lastAtMs),
    run_ids: cluster.runIds.map(formatRunId),
  };
}
