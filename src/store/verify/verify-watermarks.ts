// The invariant of watermarks: versions are numbered without gaps up to the newest, and a run moves none back unless it says why.
import { fullRefreshReason } from "../../core/job/full-refresh.ts";
import { compareWatermarks, type WatermarkValue } from "../../core/dataset/watermark.ts";
import { all, type Script } from "../rows/script.ts";

const pageSize = 1_000;

interface VersionRow {
  readonly job: string;
  readonly tenant: string;
  readonly name: string;
  readonly version: number;
  readonly value: string;
  readonly runId: number | null;
  /** A run has one when it read from the beginning. */
  readonly reason: string | null;
  /** The newest, as the writers know it. */
  readonly newest: number | null;
  /** The greatest there is. */
  readonly last: number;
}

// Pages along the primary key. Texts are compared here, since databases order them in ways of their own.
const page = `select v.job, v.tenant, v.name, v.version, v.value, v.run_id as "runId", v.reason, w.version as newest,
    (select max(x.version) from watermark_version x where x.job = v.job and x.tenant = v.tenant and x.name = v.name) as last
  from watermark_version v left join watermark w on w.job = v.job and w.tenant = v.tenant and w.name = v.name
  where (v.job, v.tenant, v.name, v.version) > (?, ?, ?, ?) order by v.job, v.tenant, v.name, v.version limit ?`;

const missing = `select w.job, w.name from watermark w where not exists
  (select 1 from watermark_version v where v.job = w.job and v.tenant = w.tenant and v.name = w.name) limit ?`;

/** What is wrong with each version that does not follow from the one before it, at most `limit`. */
export function* verifyWatermarks(limit: number): Script<string[]> {
  const gone = yield* all<{ job: string; name: string }>(missing, limit);
  const problems = gone.map(({ job, name }) => `watermark ${name} of job ${job} has no versions`);
  let before: VersionRow | undefined;
  for (;;) {
    const after = [before?.job ?? "", before?.tenant ?? "", before?.name ?? "", before?.version ?? 0] as const;
    const rows: readonly VersionRow[] = yield* all<VersionRow>(page, ...after, pageSize);
    for (const row of rows) {
      const problem = describeProblem(isSame(before, row) ? before : undefined, row);
      if (problem !== undefined) {
        problems.push(`watermark ${row.name} of job ${row.job}: version ${row.version} ${problem}`);
      }
      before = row;
    }
    if (rows.length < pageSize || problems.length >= limit) return problems.slice(0, limit);
  }
}

function describeProblem(before: VersionRow | undefined, row: VersionRow): string | undefined {
  if (row.newest !== row.last) return "is not of the newest, as its writers know it";
  // The first ones may have been forgotten.
  if (before === undefined) return undefined;
  if (row.version !== before.version + 1) return `follows version ${before.version}`;
  if (row.runId === null || row.reason === fullRefreshReason) return undefined;
  const [from, to] = [JSON.parse(before.value) as WatermarkValue, JSON.parse(row.value) as WatermarkValue];
  const isForward = typeof from === typeof to && compareWatermarks(to, from) > 0;
  return isForward ? undefined : `was moved back by run r${row.runId}`;
}

function isSame(a: VersionRow | undefined, b: VersionRow): boolean {
  return a !== undefined && a.job === b.job && a.tenant === b.tenant && a.name === b.name;
}
