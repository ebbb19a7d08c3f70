// A table of Postgres published to another database of the server: read with every digit, staged, audited, and copied in.
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { startBenchPostgres } from "../harness/bench-postgres.ts";
import { runNodeWithPeakMemory } from "../harness/node-process.ts";
import { takeTurns } from "../harness/take-turns.ts";

const rowCount = Number(process.env["BENCH_POSTGRES_ROWS"] ?? 2_000_000);

export const bench: Bench = {
  name: "postgres-copy",
  description: `${rowCount.toLocaleString("en-US")} rows of 8 columns from one Postgres database to another, as a job's publication, beside one \`copy\` piped into another`,
  hasServer: true,
  async run() {
    await using folder = await createBenchFolder();
    await using server = await startBenchPostgres();
    const from = await server.createDatabase();
    await fill(from);
    const memory: number[] = [];
    const peerMemory: number[] = [];
    const turn = async (program: string, peaks: number[]): Promise<number> => {
      const root = await mkdtemp(join(folder.path, "turn-"));
      const to = await server.createDatabase();
      process.env["BENCH_FROM_URL"] = from;
      process.env["BENCH_TO_URL"] = to;
      const { stdout, peakMb } = runNodeWithPeakMemory(["--conditions=millrace-source", program, root]);
      peaks.push(peakMb);
      const [line = "{}"] = stdout.split("\n");
      return (JSON.parse(line) as { readonly wallMs: number }).wallMs;
    };
    const [warmUps, repetitions] = [1, 3];
    const { ours, copy } = await takeTurns(
      {
        ours: () => turn(join(import.meta.dirname, "postgres-millrace.ts"), memory),
        copy: () => turn(join(import.meta.dirname, "postgres-copy-peer.ts"), peerMemory),
      },
      { warmUps, repetitions },
    );
    return [
      {
        name: "Postgres → Postgres, 8 columns",
        unit: "ms",
        ours,
        peer: { name: "`copy` piped into `copy`", values: copy },
        target: { kind: "ratio", atMost: 1.25 },
      },
      {
        name: "peak resident memory of the process",
        unit: "MB",
        ours: memory.slice(warmUps),
        peer: { name: "`copy` piped into `copy`", values: peerMemory.slice(warmUps) },
        target: { kind: "value", atMost: 200 },
      },
    ];
  },
};

async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `create table orders as select i as id, 'customer ' || i % 1000 as customer, (i % 9999)::numeric(12,2) / 7 as amount,
      timestamptz '2026-01-01' + i * interval '1 second' as ordered_at, date '2026-01-01' + i % 365 as day, i % 3 = 0 as paid,
      case when i % 5 = 0 then null else 'note "' || i || '"' end as note, random() as weight
      from generate_series(1, ${rowCount}) i`,
  );
  await client.query("alter table orders alter amount type numeric(16,4)");
  await client.query("vacuum analyze orders");
  await client.end();
}
