// Records through the log in the store, on SQLite and Postgres: appended; appended, handled and committed; and how late they are at half of that pace.
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, Measure, Target } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { takeTurns } from "../harness/take-turns.ts";
import { recordsFor } from "./keyed-events.ts";
import { perRecordUs, runSide, type StreamSide } from "./stream-side.ts";

const stores = ["SQLite", "Postgres"] as const;
type StoreName = (typeof stores)[number];
/** Half of what is to be handled in a second. */
const perSecond = 50_000;
const turns = { warmUps: 0, repetitions: 3 };

export const bench: Bench = {
  name: "stream-embedded",
  description:
    "records of 100 bytes appended durably 1,000 at a time, then appended by one process and handled and committed by another, and their delay at 50,000 a second, beside rows written and read by hand",
  hasServer: true,
  async run() {
    await using folder = await createBenchFolder();
    await using postgres = await startBenchPostgres();
    const side = async (scenario: string, store: StoreName, count: number): Promise<StreamSide> => {
      const place = join(folder.path, randomUUID());
      await mkdir(place);
      const address = store === "SQLite" ? join(place, "store.db") : await postgres.createDatabase();
      return runSide(scenario, { address, folder: place, count, perSecond }, { records: count });
    };
    const measures: Measure[] = [];
    for (const store of stores) {
      const byHand = store === "SQLite" ? "an insert a row, 1,000 in a transaction" : "`copy` of 1,000 rows";
      measures.push(
        await compare(`append, ${store}`, "append", byHand, { kind: "value", atMost: 5 }, (scenario) =>
          side(scenario, store, recordsFor(300_000)),
        ),
        await compare(`append, handle, commit, ${store}`, "flow", `${byHand}, and a loop that reads`, flowTarget, (s) =>
          side(s, store, recordsFor(300_000)),
        ),
        await compareDelays(store, (scenario) => side(scenario, store, 5 * perSecond)),
      );
    }
    return measures;
  },
};

const flowTarget: Target = { kind: "value", atMost: 10 };

async function compare(
  name: string,
  scenario: string,
  byHand: string,
  target: Target,
  side: (scenario: string) => Promise<StreamSide>,
): Promise<Measure> {
  const { ours, raw } = await takeTurns(
    {
      ours: async () => perRecordUs(await side(scenario)),
      raw: async () => perRecordUs(await side(`${scenario}_by_hand`)),
    },
    turns,
  );
  return { name: `${name}, for a record`, unit: "µs", ours, peer: { name: byHand, values: raw }, target };
}

async function compareDelays(store: StoreName, side: (scenario: string) => Promise<StreamSide>): Promise<Measure> {
  const { ours, raw } = await takeTurns(
    {
      ours: async () => (await side("lag")).p99Ms ?? Number.NaN,
      raw: async () => (await side("lag_by_hand")).p99Ms ?? Number.NaN,
    },
    turns,
  );
  const name = `p99 of the delay at 50,000 a second, ${store}`;
  const peer = { name: "a loop that writes, reads and commits every 10 ms", values: raw };
  return { name, unit: "ms", ours, peer, target: { kind: "value", atMost: 50 } };
}
