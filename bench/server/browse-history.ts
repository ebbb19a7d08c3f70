// A million runs of history as a month of work leaves them, written in bulk: 200 jobs of two tenants, half of the runs inside
// pipelines, 3 % failed in 50 ways, with attempts, events, logs, and thousands of runs that wait, are parked or execute.

export const historySize = 1_000_000;
/** A finished pipeline run with 2,000 members in 40 layers. */
export const wideRunId: number = historySize + 1;
export const wideMembers = 2_000;
/** A run with 200,000 log lines and 100,000 units. */
export const loudRunId: number = historySize + 3_000;
export const logLines = 200_000;
export const units = 100_000;
/** Unfinished runs begin here. */
export const firstLiveId: number = historySize + 10_000;
export const parkedRuns = 20_000;
export const waitingRuns = 20_000;
export const lastRunId: number = firstLiveId + parkedRuns + waitingRuns + 2_000;
export const spanMs: number = 30 * 86_400_000;

/** Statements that fill an empty store whose newest run is of `nowMs`. */
export function historyStatements(dialect: "sqlite" | "postgres", nowMs: number): readonly string[] {
  const series = seriesOf(dialect);
  // The million is spread over the month; what comes after it is of the last minutes.
  const recentMs = (lastRunId - historySize) * 10;
  const createdAt = `(case when id <= ${historySize} then ${nowMs - recentMs - spanMs} + id * ${Math.floor(spanMs / historySize)}
    else ${nowMs - lastRunId * 10} + id * 10 end)`;
  const parts = { series, createdAt };
  return [
    ...baseStatements(parts),
    ...runStatements(parts),
    ...recordStatements(parts, nowMs),
    ...liveStatements(parts),
  ];
}

/** Rows with an `id` in a range, as a table of a statement. */
export function seriesOf(dialect: "sqlite" | "postgres"): (from: number, to: number) => string {
  return (from, to) =>
    dialect === "postgres"
      ? `(select generate_series(${from}::bigint, ${to}::bigint) as id)`
      : `(with recursive s (id) as (select ${from} union all select id + 1 from s where id < ${to}) select id from s)`;
}

interface Parts {
  readonly series: ReturnType<typeof seriesOf>;
  readonly createdAt: string;
}

function text(value: string): string {
  return `cast(${value} as text)`;
}

// Fills a table of its own with the facts of each run; the other tables are filled from it.
function baseStatements({ series, createdAt }: Parts): readonly string[] {
  const block = "((id - 1) / 10)";
  const place = "((id - 1) % 10)";
  const inPipeline = `(${block} % 2 = 0)`;
  const pipeline = `${text(`${block} / 2 % 10`)}`;
  return [
    // The month: blocks of ten runs, of which every other one is a pipeline with nine members.
    `create temp table base as select id,
      case when not ${inPipeline} then case when ${place} < 5 then 'job_' || ${text(place)} else 'job_' || ${text(`(${block} * 7 + ${place}) % 95 + 5`)} end
        when ${place} = 0 then 'pipeline_' || ${pipeline} else 'step_' || ${text(place)} || '_of_' || ${pipeline} end as job,
      case when ${inPipeline} and ${place} = 0 then 'pipeline' else 'job' end as kind,
      case when ${inPipeline} and ${place} > 0 then id - ${place} end as parent,
      case when ${inPipeline} then id - ${place} else id end as root,
      case when ${block} % 40 = 7 then 'acme' else 'default' end as tenant,
      case when ${inPipeline} then case when ${block} * 31 % 100 < 6 and ${place} in (0, 9) then 1 else 0 end
        when id * 48271 / 65521 % 100 < 3 then 1 else 0 end as failed,
      ${createdAt} as created, ${createdAt} + id % 50 * 20 as started,
      ${createdAt} + id % 50 * 20 + 1000 + id * 48271 % 60000 as ended
      from ${series(1, historySize)} ids`,
    `insert into base select id, case when id = ${wideRunId} then 'wide' else 'wide_' || ${text(`id - ${wideRunId}`)} end,
      case when id = ${wideRunId} then 'pipeline' else 'job' end, case when id > ${wideRunId} then ${wideRunId} end, ${wideRunId},
      'default', 0, ${createdAt}, ${createdAt} + 1000, ${createdAt} + 2000 from ${series(wideRunId, wideRunId + wideMembers)} ids`,
    `insert into base select id, 'loud', 'job', null, id, 'default', 0, ${createdAt}, ${createdAt} + 1000, ${createdAt} + 2000
      from ${series(loudRunId, loudRunId)} ids`,
  ];
}

function runStatements({ series }: Parts): readonly string[] {
  return [
    `insert into lane (job, kind, tenant, gates) select distinct job, kind, tenant, '[]' from base`,
    `insert into run (id, job, kind, parent_run_id, root_run_id, params, tenant, created_by, created_at)
      select id, job, kind, parent, root, '{"day":"2026-10-' || ${text("10 + id % 20")} || '","city":"city-' || ${text("id % 5000")} || '"}',
      tenant, 'bench', created from base`,
    `insert into outcome (run_id, lane_id, priority, has_children, state, reason, epoch, attempt, result, error, finished_at,
        fingerprint, failed_root)
      select base.id, lane.id, 0, 0, case failed when 1 then 'ERROR' else 'FINISHED' end, case failed when 1 then 'failed' end,
      case failed when 1 then 3 else 1 end, case failed when 1 then 3 else 1 end,
      case failed when 0 then '{"dataset":"d","rows":' || ${text("base.id % 900")} || '}' end,
      case failed when 1 then '{"code":"JOB_FAILED","message":"host db-' || ${text("base.id % 977")} || ' refused row ' ||
        ${text("base.id")} || '","disposition":"fail","origin":"user-code","errorClass":"connection","causes":["connect ECONNREFUSED"]}' end,
      ended, case failed when 1 then '000000000000' || ${text("10 + base.id / 100 % 50")} end,
      case failed when 1 then case when parent is null then 1 else 0 end end
      from base join lane on lane.job = base.job and lane.kind = base.kind and lane.tenant = base.tenant`,
    `insert into attempt_log (run_id, epoch, attempt, worker_id, started_at, ended_at, "end", metrics)
      select base.id, tries.id, tries.id, 1, started, ended, case when failed = 0 then 'finished' when tries.id = 3 then 'failed' else 'retry' end,
      '{"cpuMs":' || ${text("base.id % 800")} || ',"peakMemoryBytes":120000000,"networkBytesIn":51234,"storeCalls":12,"storeMs":7.5,"shared":true}'
      from base join ${series(1, 3)} tries on tries.id = 1 or failed = 1`,
    `insert into pipeline_start (run_id, started_at) select id, started from base where kind = 'pipeline'`,
  ];
}

function recordStatements({ series }: Parts, nowMs: number): readonly string[] {
  return [
    `insert into event (run_id, seq, type, data, at) select id, 1, 'submitted', '{"createdBy":"bench"}', created from base`,
    `insert into event (run_id, seq, type, data, at) select id, 2, 'checks_evaluated',
      '{"dataset":"d","results":[{"name":"key","severity":"block","passed":true,"failingRows":0,"detail":"0 rows"}]}', ended
      from base where id % 10 = 5`,
    `insert into log (run_id, root_run_id, seq, level, message, fields, at)
      select base.id, root, lines.id, case lines.id when 3 then 'warn' else 'info' end, 'read page ' || ${text("lines.id")} || ' of city ' || ${text("base.id")},
      '{"page":1}', started + lines.id from base join ${series(1, 3)} lines on base.id % 10 = 2`,
    `insert into log (run_id, root_run_id, seq, level, message, at)
      select ${loudRunId}, ${loudRunId}, id, case when id % 5000 = 0 then 'error' else 'info' end, 'line ' || ${text("id")} || ' of many', ${nowMs - logLines} + id
      from ${series(1, logLines)} ids`,
    `insert into unit (run_id, loop, unit_key, state, error, epoch, at)
      select ${loudRunId}, '1', 'unit-' || ${text("1000000 + id")}, case when id % 2000 = 0 then 'failed' else 'done' end,
      case when id % 2000 = 0 then 'it broke' end, 1, ${nowMs} from ${series(1, units)} ids`,
    `insert into edge (parent_id, child_id, policy)
      select ${wideRunId} + id, ${wideRunId} + id + 50, 'cancel' from ${series(1, wideMembers - 50)} ids`,
    `insert into edge (parent_id, child_id, policy) select ${wideRunId} + id, ${wideRunId}, 'continue' from ${series(1, wideMembers)} ids`,
  ];
}

function liveStatements({ series, createdAt }: Parts): readonly string[] {
  const [parked, waiting] = [firstLiveId, firstLiveId + parkedRuns];
  const queued = waiting + waitingRuns;
  const laneOf = (job: string): string => `(select lane.id from lane where lane.job = '${job}')`;
  const hot = "0, 0, 0, 0";
  const insertRuns = (job: string, kind: string, from: number, to: number, parent: string): string =>
    `insert into run (id, job, kind, parent_run_id, root_run_id, params, tenant, created_by, created_at)
      select id, '${job}', '${kind}', ${parent}, coalesce(${parent}, id), '{}', 'default', 'bench', ${createdAt} from ${series(from, to)} ids`;
  return [
    `insert into lane (job, kind, tenant, gates) values ('parked', 'job', 'default', '[]'), ('crowd', 'pipeline', 'default', '[]'),
      ('one_of_crowd', 'job', 'default', '[]'), ('queued', 'job', 'default', '[]')`,
    insertRuns("parked", "job", parked, waiting - 1, "null"),
    `insert into parked (run_id, lane_id, cause, priority, epoch, attempt, has_children)
      select id, ${laneOf("parked")}, 'run', ${hot} from ${series(parked, waiting - 1)} ids`,
    insertRuns("crowd", "pipeline", waiting, waiting, "null"),
    insertRuns("one_of_crowd", "job", waiting + 1, queued - 1, `${waiting}`),
    `insert into waiting (run_id, lane_id, pending, priority, epoch, attempt, has_children)
      select id, case when id = ${waiting} then ${laneOf("crowd")} else ${laneOf("one_of_crowd")} end, 1, ${hot}
      from ${series(waiting, queued - 1)} ids`,
    `insert into pipeline_start (run_id, started_at) values (${waiting}, 0)`,
    insertRuns("queued", "job", queued, lastRunId, "null"),
    `insert into ready (run_id, lane_id, priority, epoch, attempt, has_children)
      select id, ${laneOf("queued")}, ${hot} from ${series(queued, lastRunId - 1_000)} ids`,
    `insert into scheduled (run_id, lane_id, run_at, reason, priority, epoch, attempt, has_children)
      select id, ${laneOf("queued")}, ${createdAt} + 3600000, 'scheduled', ${hot} from ${series(lastRunId - 999, lastRunId - 20)} ids`,
    `insert into lease (run_id, lane_id, worker_id, started_at, priority, epoch, attempt, has_children)
      select id, ${laneOf("queued")}, 1, ${createdAt}, 0, 1, 1, 0 from ${series(lastRunId - 19, lastRunId)} ids`,
    `insert into progress (run_id, done, total, operation, at)
      select id, 10, 100, 'reading', ${createdAt} from ${series(lastRunId - 19, lastRunId)} ids`,
    "drop table base",
  ];
}
