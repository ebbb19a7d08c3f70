// A page of the runs that a server knows, for `millrace runs --server`.
import { formatRunId, parseRunId } from "../../core/run-id.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import type { CommandContext } from "../command-context.ts";
import { openControlPlane } from "./open-control-plane.ts";
import { toRunSummary } from "./to-run-summary.ts";

export interface RemoteRunsFilter {
  readonly job?: string;
  readonly state?: string;
  readonly all?: true;
  readonly limit: number;
  readonly before?: string;
}

/** `next` is the run to give as `--before` for the following page. @throws MillraceError `SERVER_UNREACHABLE` */
export async function listRemoteRuns(
  context: CommandContext,
  { job, state, all, limit, before }: RemoteRunsFilter,
): Promise<{ readonly items: readonly RunSummary[]; readonly next: string | null }> {
  await using plane = await openControlPlane(context);
  const page = await plane.call("listRuns", {
    query: {
      limit,
      ...(job === undefined ? {} : { job }),
      ...(state === undefined ? {} : { state: state.toUpperCase() }),
      ...(all || job !== undefined ? { children: true } : {}),
      ...(before === undefined ? {} : { cursor: formatRunId(parseRunId(before)) }),
    },
  });
  return { items: page.items.map(toRunSummary), next: page.next_cursor };
}
