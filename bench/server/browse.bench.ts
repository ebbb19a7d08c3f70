// Measures what people read of a million runs: every list, filter, grid and chart on both stores, on the first page and
// deep in the history. It also asserts that no statement of Postgres reads a whole table.
import { join } from "node:path";
import pg from "pg";
import type { RunId } from "../../src/core/run-id.ts";
import { clientConfig, defaultSchema, prepareSession } from "../../src/store/postgres/session.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { runScript } from "../../src/store/postgres/run-script.ts";
import { createBrowseStore } from "../../src/store/browse/create-browse-store.ts";
import type { ScriptRunner } from "../../src/store/rows/script-runner.ts";
import { createSearchStore } from "../../src/store/search/create-search-store.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { type BrowseCase, browseCases } from "./browse-cases.ts";
import { historyStatements } from "./browse-history.ts";
import { fillPostgres, fillSqlite } from "./fill-history.ts";
import { summarize } from "../harness/statistics.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const repetitions = 3;
const calls = 20;
const targets = { postgres: 50, sqlite: 100 } as const;

export const bench: Bench = {
  name: "browse",
  hasServer: true,
  description: `lists, filters, grids and charts over 1,000,000 runs; p95 of ${calls} calls, beside a look-up of one run`,
  async run() {
    const nowMs = Date.now();
    await using folder = await createBenchFolder();
    await using postgres = await startBenchPostgres();
    const address = await postgres.createDatabase();
    const path = join(folder.path, "store.db");
    await fillSqlite(path, historyStatements("sqlite", nowMs));
    await fillPostgres(address, historyStatements("postgres", nowMs));
    const cases = browseCases(nowMs);
    await assertPlans(address, cases, nowMs);
    const measures: Measure[] = [];
    for (const open of [() => createPostgresStore({ url: address }), () => createSqliteStore({ path })]) {
      await using store = await open();
      for (const each of cases) measures.push(await measure(store, each));
    }
    return measures;
  },
};

async function measure(store: Store, { name, call }: BrowseCase): Promise<Measure> {
  const values = await takeTurns(
    {
      ours: () => p95Ms((turn) => call(store, turn)),
      peer: () => p95Ms((turn) => store.findRun((1 + turn * 4_711) as RunId)),
    },
    { warmUps: 1, repetitions },
  );
  const target = { kind: "value", atMost: targets[store.dialect] } as const;
  return {
    name: `${store.dialect} · ${name}`,
    unit: "ms",
    ours: values.ours,
    peer: { name: "findRun", values: values.peer },
    target,
  };
}

async function p95Ms(call: (turn: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < calls; turn += 1) times.push(await timeMs(async () => void (await call(turn))));
  return summarize(times).p95;
}

const bigTables = /Seq Scan on (?:run|outcome|attempt_log|event|log|edge|unit|progress|pipeline_start)\b\w*/;

/** Runs every case once on one session and looks at the plans that it goes on using. */
async function assertPlans(address: string, cases: readonly BrowseCase[], nowMs: number): Promise<void> {
  const client = new pg.Client(clientConfig(address, 60_000));
  await client.connect();
  await prepareSession(client, { address: { url: address, schema: defaultSchema }, callTimeoutMs: 60_000 });
  const texts = new Map<string, number>();
  const runner: ScriptRunner = {
    read: async (script) =>
      await runScript(
        {
          query: async ({ name, text }, params) => {
            texts.set(name, params.length);
            const { rows, rowCount } = await client.query({ name, text, values: [...params] });
            return { rows, changes: rowCount ?? 0 };
          },
        },
        script({ nowMs, aliveMs: nowMs }),
      ),
    write: async () => await Promise.reject(new Error("browsing writes nothing")),
    once: async () => await Promise.reject(new Error("browsing reads one state")),
    announce: () => undefined,
  };
  const store = { ...createBrowseStore(runner), ...createSearchStore(runner) };
  for (const { call } of cases) await call(store, 1);
  for (const [name, count] of texts) {
    const values = count === 0 ? "" : `(${Array.from({ length: count }, () => "null").join(", ")})`;
    const { rows } = await client.query<{ "QUERY PLAN": string }>(`explain execute ${name}${values}`);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    if (bigTables.test(plan)) throw new Error(`a statement of browsing reads a whole table:\n${plan}`);
  }
  await client.end();
}
