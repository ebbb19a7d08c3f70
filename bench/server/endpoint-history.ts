// What a month leaves beside runs, on top of browse-history.ts: schedules and their fires, versions of datasets and watermarks,
// verdicts of checks, checkpoints, limits and breakers, tokens and an audit.
import { createHash } from "node:crypto";
import type { Schedule } from "../../src/core/schedule/schedule.ts";
import { nextFire } from "../../src/core/schedule/schedule-fires.ts";
import { hashSecret } from "../../src/server/access/token-secret.ts";
import type { Store } from "../../src/store/store.ts";
import { firstLiveId, historySize, lastRunId, parkedRuns, seriesOf, spanMs } from "./browse-history.ts";
import { endpointDefinitions, membersOfPipeline, pipelineCount, scheduledJobs } from "./endpoint-definitions.ts";

export const auditEntries = 10_000;
/** How many versions each watermark has. */
export const watermarkVersions = 500;
/** How many versions each dataset of a pipeline's step has. */
export const datasetVersions = 500;
/** The job with the most watermarks. */
export const manyWatermarks = { job: "job_5", count: 40 } as const;

/** Statements for a store that has the runs of `historyStatements`. */
export function endpointStatements(dialect: "sqlite" | "postgres", nowMs: number): readonly string[] {
  const series = seriesOf(dialect);
  return [
    ...scheduleStatements(series, nowMs),
    ...datasetStatements(series),
    ...watermarkStatements(series, nowMs),
    ...checkpointStatements(nowMs),
    ...engineStatements(series, nowMs),
  ];
}

/** What goes by the store alone, because of its hashes. */
export async function fillAccess(store: Store): Promise<void> {
  const secretHash = await hashSecret("nobody has this one");
  for (let place = 0; place < 50; place += 1) {
    const id = `bench${1_000 + place}`;
    await store.addToken({
      id,
      name: `token ${place}`,
      role: "viewer",
      secretHash,
      createdBy: "bench",
      expiresAtMs: undefined,
    });
  }
  const entries = Array.from({ length: 1_000 }, (_, place) => ({
    actor: `token ${place % 50}`,
    action: place % 3 === 0 ? "retryRun" : "startJob",
    target: `job_${place % 100}`,
    detail: { reason: "the source is back" },
    outcome: place % 20 === 0 ? ("denied" as const) : ("allowed" as const),
  }));
  for (let count = 0; count < auditEntries; count += entries.length) await store.appendAudit(entries);
}

type SeriesOf = ReturnType<typeof seriesOf>;

function scheduleStatements(series: SeriesOf, nowMs: number): readonly string[] {
  const { jobs, pipelines } = endpointDefinitions();
  return [...pipelines.values(), ...jobs.values()].flatMap(({ name, schedule }, place) => {
    if (schedule === undefined) return [];
    const { timing } = schedule;
    const next = nextFire(timing, nowMs) ?? nowMs;
    const everyMs = (nextFire(timing, next) ?? nowMs) - next;
    const count = Math.floor(spanMs / everyMs);
    return [
      `insert into schedule (name, definition, next_fire_at, last_fire_at, last_run_id, paused, paused_by)
        values ('${name}', '${JSON.stringify(schedule satisfies Schedule)}', ${next}, ${next - everyMs}, ${historySize - place},
        ${place % 20 === 7 ? "1, 'ada'" : "0, null"})`,
      `insert into schedule_fire (schedule, fire_at, decision, run_id, fired_at)
        select '${name}', ${next} - id * ${everyMs}, case when id % 20 = 7 then 'missed' when id % 30 = 3 then 'overlapped' else 'run' end,
        case when id % 20 <> 7 and id % 30 <> 3 then ${historySize - place * 10_000} - id end, ${next} - id * ${everyMs} + 40
        from ${series(1, count)} ids`,
    ];
  });
}

const columns = JSON.stringify(
  Array.from({ length: 20 }, (_, place) => ({ name: `column_${place}`, type: place % 3 === 0 ? "BIGINT" : "VARCHAR" })),
);

// Step `p` of pipeline `q` runs as 200 k + 20 q + p + 1, see browse-history.ts.
function datasetStatements(series: SeriesOf): readonly string[] {
  const row = `'[{"format":"delta","path":"/nowhere/lake/table","version":1}]', '${columns}', 1000`;
  const runId = `200 * (${historySize / 200 - datasetVersions} + versions.id - 1) + 20 * sources.id + steps.id + 1`;
  const name = "cast(steps.id as text) || '_of_' || cast(sources.id as text)";
  const members = scheduledMembers();
  const results = ["key is unique", "no empty city", "rows are enough", "prices are sane"]
    .map((check, place) => {
      const verdict = `"passed":' || case when run.id % ${9 + place * 4} = 3 then 'false,"failingRows":7' else 'true,"failingRows":0' end || '`;
      return `{"name":"${check}","severity":"${place % 2 === 0 ? "block" : "warn"}",${verdict},"detail":"as expected"}`;
    })
    .join(",");
  return [
    `insert into dataset (name, version, run_id, job, locations, columns, row_count, fingerprint, created_at)
      select 'table_' || ${name}, versions.id, run.id, run.job, ${row}, 'f', run.created_at + 60000
      from ${series(1, datasetVersions)} versions cross join ${series(0, pipelineCount - 1)} sources
      cross join ${series(1, membersOfPipeline)} steps join run on run.id = ${runId}`,
    `insert into dataset (name, version, run_id, job, locations, columns, row_count, fingerprint, created_at)
      select job || '_rows', row_number() over (partition by job order by id), id, job, ${row}, 'f', created_at + 60000
      from run where id between ${historySize - 20_000} and ${historySize} and job in (${members})`,
    `insert into event (run_id, seq, type, data, at)
      select id, 3, 'checks_evaluated', '{"dataset":"' ||
        case when job like 'step_%' then 'table_' || substr(job, 6) else job || '_rows' end || '","results":[${results}]}', created_at + 60000
      from run where id between ${historySize - 300_000} and ${historySize} and (job like 'step_%' or job in (${members}))`,
  ];
}

function scheduledMembers(): string {
  return Array.from({ length: scheduledJobs }, (_, place) => `'job_${place + 5}'`).join(", ");
}

function watermarkStatements(series: SeriesOf, nowMs: number): readonly string[] {
  const names = [
    ...Array.from({ length: scheduledJobs }, (_, place) => [`job_${place + 5}`, "updated_at"]),
    ...Array.from({ length: manyWatermarks.count }, (_, place) => [manyWatermarks.job, `table_${place}`]),
  ];
  return names.flatMap(([job, name]) => [
    `insert into watermark (job, tenant, name, version) values ('${job}', 'default', '${name}', ${watermarkVersions})`,
    `insert into watermark_version (job, tenant, name, version, value, at, run_id)
      select '${job}', 'default', '${name}', id, '"2026-10-01T00:00:' || cast(10 + id % 50 as text) || '.000Z"', ${nowMs} - (${watermarkVersions} - id) * 3600000, id * 1000
      from ${series(1, watermarkVersions)} ids`,
  ]);
}

// Checkpoints of runs that are parked; the checksum is the one that checkpoints.ts asks for.
function checkpointStatements(nowMs: number): readonly string[] {
  const data = JSON.stringify({ page: 17, done: Array.from({ length: 50 }, (_, place) => `city-${place}`) });
  const rows = Array.from({ length: 300 }, (_, place) => {
    const runId = firstLiveId + Math.floor(place / 3) * (parkedRuns / 100);
    const version = 1 + (place % 3);
    const checksum = createHash("sha256").update(`${runId}:${version}:${data}`).digest("hex");
    return `(${runId}, ${version}, 1, '${data}', '${checksum}', ${nowMs})`;
  });
  return [`insert into checkpoint (run_id, version, epoch, data, checksum, saved_at) values ${rows.join(", ")}`];
}

function engineStatements(series: SeriesOf, nowMs: number): readonly string[] {
  return [
    `insert into gate (name, capacity) select 'connection:source_' || cast(id as text), 4 from ${series(0, 9)} ids`,
    `insert into gate (name, capacity) select 'job:job_' || cast(id as text), 1 from ${series(0, 99)} ids`,
    "insert into gate (name, capacity) values ('connection:warehouse', 20)",
    `insert into slot (gate, run_id) select 'connection:warehouse', id from ${series(lastRunId - 19, lastRunId)} ids`,
    `insert into breaker (name, state, failures, opened_at, probe_at, last_error, version)
      select 'source_' || cast(id as text), case when id < 3 then 'open' else 'closed' end, id, ${nowMs}, ${nowMs} + 60000, 'connect ECONNREFUSED', 3
      from ${series(0, 9)} ids`,
    `insert into worker (name, state, expires_at, host, boot_id, pid, start_ticks)
      select 'worker-' || cast(id as text), case when id < 5 then 'active' else 'dead' end, ${nowMs} + 86400000, 'bench', 'boot', id, '1' from ${series(1, 60)} ids`,
    `insert into paused_job (job, paused_by, at) values ('parked', 'ada', ${nowMs}), ('idle_3', 'ada', ${nowMs})`,
  ];
}
