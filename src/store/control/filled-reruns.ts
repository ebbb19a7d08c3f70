// A failed run of a schedule or a backfill gets no other try when its window has been filled since: its rows would come
// twice.
// Runs that a person started are never left out.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { Json } from "../rows/run-records.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { findFilled, lockWindows } from "../submit/windows.ts";

interface FillRow {
  readonly runId: RunId;
  readonly job: string;
  readonly tenant: string;
  readonly params: string;
  readonly from: string;
  readonly to: string;
}

/** @throws MillraceError `TRANSITION_INVALID` when none is left of some */
export function* leaveOutFilled<Run extends { readonly runId: RunId }>(runs: readonly Run[]): Script<readonly Run[]> {
  const rows = yield* all<FillRow>(
    `select run.id as "runId", run.job, run.tenant, run.params, run.window_from as "from", run.window_to as "to"
    from run join run root on root.id = run.root_run_id
    where run.id in (ids ?) and run.kind = 'job' and run.window_from is not null
      and (root.created_by = 'schedule' or (root.kind = 'pipeline' and root.job like 'backfill:%'))`,
    idList(runs.map(({ runId }) => runId)),
  );
  if (rows.length === 0) return runs;
  yield* lockWindows(rows.map(({ job }) => job));
  const fills = rows.map(({ params, from, to, ...row }) => ({
    ...row,
    params: JSON.parse(params) as Json,
    window: { from, to },
  }));
  const filled = yield* findFilled(fills);
  const by = new Map([...filled].map(([position, runId]) => [rows[position]?.runId, runId]));
  const left = runs.filter(({ runId }) => !by.has(runId));
  const [first] = rows.filter(({ runId }) => by.has(runId));
  if (left.length > 0 || first === undefined) return left;
  throw windowFilled(first, by.get(first.runId) ?? first.runId);
}

function windowFilled({ runId, from, to }: FillRow, by: RunId): MillraceError {
  const message = `cannot retry run \`${formatRunId(runId)}\`: its window \`${from}\` to \`${to}\` has been filled by run \`${formatRunId(by)}\``;
  return new MillraceError("TRANSITION_INVALID", message, {
    hint: "start the job with `--from` and `--to` to run the window once more",
  });
}
