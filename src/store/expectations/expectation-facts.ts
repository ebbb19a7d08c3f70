// What the store knows about whether runs and rows came in time: a bounded look for each name, in a few statements for all.
import type { RunId } from "../../core/run-id.ts";
import { all, rowList, type Script } from "../rows/script.ts";
import type { FreshnessFacts, PunctualityFacts, PunctualityQuestion } from "./expectation-store.ts";

const lookBack = 20;

export function* readPunctuality(questions: readonly PunctualityQuestion[]): Script<readonly PunctualityFacts[]> {
  if (questions.length === 0) return [];
  const names = rowList(questions.map(({ job, fireAtMs }) => ({ job, at: fireAtMs ?? null })));
  const paused = yield* all<{ name: string }>(
    "select s.name from (rows ?) r ordered join schedule s on s.name = r.value ->> 'job' where s.paused = 1",
    names,
  );
  const fires = yield* all<FireRow>(
    `select f.schedule as job, f.decision, f.run_id as "runId", o.state from (rows ?) r
    ordered join schedule_fire f on f.schedule = r.value ->> 'job' and f.fire_at = cast(r.value ->> 'at' as bigint)
    left join outcome o on o.run_id = f.run_id`,
    names,
  );
  const runs = Map.groupBy(yield* listLastRuns(names), ({ job }) => job);
  const pausedNames = new Set(paused.map(({ name }) => name));
  const fireOf = new Map(fires.map((fire) => [fire.job, fire]));
  return questions.map(({ job }) => {
    const fire = fireOf.get(job);
    return {
      job,
      isPaused: pausedNames.has(job),
      fire:
        fire === undefined
          ? undefined
          : { decision: fire.decision, runId: fire.runId ?? undefined, isFinished: fire.state === "FINISHED" },
      runs: (runs.get(job) ?? []).map(({ runId, createdAtMs, state }) => ({
        runId,
        createdAtMs,
        state: state ?? undefined,
      })),
    };
  });
}

interface FireRow {
  readonly job: string;
  readonly decision: NonNullable<PunctualityFacts["fire"]>["decision"];
  readonly runId: RunId | null;
  readonly state: "FINISHED" | "ERROR" | null;
}

interface RunRow {
  readonly job: string;
  readonly runId: RunId;
  readonly createdAtMs: number;
  readonly state: "FINISHED" | "ERROR" | null;
}

// The end of the index over the runs of each job. What a backfill runs is of another day.
function* listLastRuns(names: string): Script<readonly RunRow[]> {
  return yield* all<RunRow>(
    `select run.job, run.id as "runId", run.created_at as "createdAtMs", o.state from (rows ?) r
    ordered join run on run.job = r.value ->> 'job' and run.id >= coalesce((select min(id) from (
      select id from run last where last.job = r.value ->> 'job' order by id desc limit ${lookBack}) newest), 0)
    join run root on root.id = run.root_run_id
    left join outcome o on o.run_id = run.id
    where root.job not like 'backfill:%' order by run.job, run.id desc`,
    names,
  );
}

/** One look into the primary key for each dataset. */
export function* readFreshness(datasets: readonly string[]): Script<readonly FreshnessFacts[]> {
  if (datasets.length === 0) return [];
  const rows = yield* all<Omit<FreshnessFacts, "newestAtMs"> & { readonly newestAtMs: number | null }>(
    `select d.name as dataset, d.version, d.created_at as "createdAtMs", d.newest_at as "newestAtMs"
    from (rows ?) r ordered join dataset d on d.name = r.value ->> 'name'
      and d.version = (select max(version) from dataset newest where newest.name = r.value ->> 'name')`,
    rowList([...new Set(datasets)].map((name) => ({ name }))),
  );
  return rows.map((row) => ({ ...row, newestAtMs: row.newestAtMs ?? undefined }));
}
