// Records counted by their keys with counts and offsets in one durable transaction: the work that engines of streams are compared by.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensurePython } from "../../tests/services/python-environment.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { takeTurns } from "../harness/take-turns.ts";
import { fillRows, fillTopic } from "./count-scenarios.ts";
import { expectedDigest, recordsFor, writeEvents } from "./keyed-events.ts";
import { check, parseSide, perRecordUs, runSide } from "./stream-side.ts";

const run = promisify(execFile);

export const bench: Bench = {
  name: "stream-count",
  description:
    "1,000,000 records of 100 bytes counted by 10,000 keys, with counts and offsets in durable transactions, beside a loop over `node:sqlite` and Bytewax with recovery; and with a record more left by each",
  hasServer: true,
  async run() {
    const count = recordsFor(1_000_000);
    const digest = expectedDigest(count);
    const python = await ensurePython(["bytewax==0.21.1"]);
    await using folder = await createBenchFolder();
    await using postgres = await startBenchPostgres();
    const path = (name: string): string => join(folder.path, name);
    const [sqlite, server] = [path("store.db"), await postgres.createDatabase()];
    for (const address of [sqlite, server]) await fillTopic({ address, folder: folder.path, count });
    fillRows(path("rows.db"), count);
    await writeEvents(path("lines.ndjson"), count);
    const side = (scenario: string, address: string, isCounted = true): number => {
      const input = { address, folder: path(randomUUID()), count };
      return perRecordUs(runSide(scenario, input, isCounted ? { records: count, digest } : { records: count }));
    };
    const values = await takeTurns(
      {
        sqlite: async () => side("count", sqlite),
        byHand: async () => side("count_by_hand", path("rows.db")),
        server: async () => side("count", server),
        bytewax: async () => {
          const script = join(import.meta.dirname, "../peers/keyed_count.py");
          const { stdout } = await run(python, [script, path("lines.ndjson"), path(randomUUID())]);
          return perRecordUs(check("Bytewax", parseSide(stdout), { records: count, digest }));
        },
        pipe: async () => side("pipe", sqlite, false),
        rows: async () => side("leave_rows_by_hand", path("rows.db")),
      },
      { warmUps: 0, repetitions: 3 },
    );
    const byHand = { name: "a loop over `node:sqlite`", values: values.byHand };
    const bytewax = { name: "Bytewax, a snapshot every 10 s", values: values.bytewax };
    const rows = { name: "the loop, with a row more for each", values: values.rows };
    return [
      { name: countOf("SQLite"), unit: "µs", ours: values.sqlite, peer: byHand, target: { kind: "value", atMost: 5 } },
      {
        name: countOf("SQLite"),
        unit: "µs",
        ours: values.sqlite,
        peer: bytewax,
        target: { kind: "ratio", atMost: 0.4 },
      },
      {
        name: countOf("Postgres"),
        unit: "µs",
        ours: values.server,
        peer: byHand,
        target: { kind: "value", atMost: 5 },
      },
      {
        name: "a record produced for each, SQLite",
        unit: "µs",
        ours: values.pipe,
        peer: rows,
        target: { kind: "value", atMost: 7.7 },
      },
    ];
  },
};

function countOf(store: string): string {
  return `count by key, log on ${store}, for a record`;
}
