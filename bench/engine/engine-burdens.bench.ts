// Measures whether the engine keeps its pace with a snapshot that somebody holds open, with many parked runs, and with
// much history.
import pg from "pg";
import type { Bench, Measure } from "../harness/bench.ts";
import { type BenchPostgres, startBenchPostgres } from "../harness/bench-postgres.ts";
import { perRunUs, runMillrace } from "./engine-side.ts";
import { openEngine } from "./engine-under-bench.ts";

const count = 40_000;
const repetitions = 2;

interface Burden {
  readonly name: string;
  /** Puts it on; what it returns takes it off. */
  readonly put: (address: string) => Promise<() => Promise<void>>;
}

const burdens: readonly Burden[] = [
  { name: "with a snapshot that is held open", put: holdSnapshot },
  { name: "with 100,000 parked runs", put: parkRuns },
  { name: "with 1,000,000 runs of history", put: makeHistory },
];

export const bench: Bench = {
  name: "engine-burdens",
  hasServer: true,
  description: `${count} waiting no-ops on Postgres, in µs a run, with a burden beside without it; a ratio of 1.25 is 0.8 of the clean pace`,
  async run() {
    await using postgres = await startBenchPostgres();
    const measures: Measure[] = [];
    for (const burden of burdens) {
      const values: { burdened: number[]; clean: number[] } = { burdened: [], clean: [] };
      for (let turn = 0; turn < repetitions; turn += 1) {
        values.clean.push(await measure(postgres, async () => async () => undefined));
        values.burdened.push(await measure(postgres, burden.put));
      }
      measures.push({
        name: `a no-op run ${burden.name}`,
        unit: "µs",
        ours: values.burdened,
        peer: { name: "without it", values: values.clean },
        target: { kind: "ratio", atMost: 1.25 },
      });
    }
    return measures;
  },
};

async function measure(postgres: BenchPostgres, put: Burden["put"]): Promise<number> {
  const address = await postgres.createDatabase();
  // Makes the tables.
  await (await openEngine(address))[Symbol.asyncDispose]();
  const takeOff = await put(address);
  const cost = perRunUs(runMillrace({ scenario: "throughput", address, count }), count);
  await takeOff();
  return cost;
}

async function holdSnapshot(address: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  await client.query("begin isolation level repeatable read");
  await client.query("select count(*) from millrace.ready");
  // Others see to it that there is something that it keeps from being cleaned up.
  await client.query("select pg_current_xact_id()");
  return () => client.end();
}

async function parkRuns(address: string): Promise<() => Promise<void>> {
  await using engine = await openEngine(address);
  const { store } = engine;
  await store.control({ action: "pause", target: { job: "parked" }, by: "bench" });
  for (let sent = 0; sent < 100_000; sent += 5_000) await engine.submit("parked", 5_000);
  return async () => undefined;
}

// As the engine leaves it: each run with its outcome, attempt and events.
async function makeHistory(address: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: address, options: "-c search_path=millrace" });
  await client.connect();
  await client.query(`
    insert into lane (job, kind, tenant, gates) values ('noop', 'job', 'bench', '[]') on conflict do nothing;
    insert into run (id, job, kind, root_run_id, params, tenant, created_by, created_at)
      select id, 'noop', 'job', id, '{}', 'bench', 'bench', 0 from generate_series(1, 1000000) id;
    insert into outcome (run_id, lane_id, priority, has_children, state, epoch, attempt, result, finished_at)
      select id, 1, 0, 0, 'FINISHED', 1, 1, 'null', id from generate_series(1, 1000000) id;
    insert into attempt_log (run_id, epoch, attempt, worker_id, started_at, ended_at, "end")
      select id, 1, 1, 1, id, id, 'finished' from generate_series(1, 1000000) id;
    insert into event (run_id, seq, type, at)
      select id, seq, 'started', id from generate_series(1, 1000000) id, generate_series(1, 3) seq;
    select setval('run_id_seq', 1000000);
    analyze`);
  await client.end();
  return async () => undefined;
}
