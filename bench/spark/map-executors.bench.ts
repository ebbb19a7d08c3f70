// Functions in TypeScript on executors of a real Spark on this machine: an access log counted by path, beside the same function in Python, which
// Spark calls with batches of Arrow, and beside SQL of Spark's own. `BENCH_LOG_MB` makes the log smaller, for a quick look.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildExecutorCode } from "../../src/cli/bundle/build-executor-code.ts";
import { MessageWriter } from "../../src/compute/spark/connect/message-writer.ts";
import type { ConnectSession } from "../../src/compute/spark/connect/connect-session.ts";
import { arrowColumn, mapInArrow } from "../../src/compute/spark/executors/python-bridge.ts";
import { runOnExecutors } from "../../src/compute/spark/executors/run-on-executors.ts";
import { openSparkTasks } from "../../src/compute/spark/executors/spark-tasks.ts";
import { prepareSession } from "../../src/compute/spark/prepare-session.ts";
import { queryRows, readPlan } from "../../src/compute/spark/read-rows.ts";
import { createSystemClock } from "../../src/platforms/local/system-clock.ts";
import { ensureDeltaPython } from "../../tests/services/deltalake/delta-rs.ts";
import { type SparkConnect, startSparkConnect } from "../../tests/services/spark/spark-connect.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";
import { buildPackage } from "../harness/built-package.ts";
import { type LogFile, logMb } from "../mapreduce/log-file.ts";
import { createLogProject, runLogJob } from "../mapreduce/log-project.ts";
import countRecords from "../mapreduce/project/jobs/count-records.ts";

const root = join(import.meta.dirname, "../mapreduce/project");
const leastRowsPerSecond = 100_000;
/** Tests have a Spark that starts quickly; this one compiles what is hot as any other does. */
const atItsBest = { "spark.driver.extraJavaOptions": "", "spark.driver.memory": "2g" };

export const bench: Bench = {
  name: "map-executors",
  description: `an access log of ${logMb} MB counted by path by functions in TypeScript on executors of Spark 4.2 on this machine, beside the same in Python under \`mapInArrow\`, in threads of a local run, and beside \`split_part … group by\``,
  hasServer: true,
  async run() {
    await using folder = await createBenchFolder();
    await buildPackage();
    const project = await createLogProject(folder.path, "project", 0);
    const { log } = project;
    await using spark = await startSparkConnect({ workerPython: await ensureDeltaPython(), settings: atItsBest });
    await using session = await spark.open();
    await prepareSession(session);
    const values = await takeTurns(
      {
        ours: async () => await countInTypeScript(spark, log, join(folder.path, "shared")),
        python: async () => await countInPython(session, log),
        sql: async () =>
          await timeMs(async () => {
            const pairs = `select split_part(value, ' ', 7) as key, count(*) as n from text.\`${log.path}\` group by 1`;
            assertCounts(await queryRows(session, `select count(*) as keys, sum(n) as n from (${pairs})`), log);
          }),
        records: async () => await runLogJob(project, "count_records", []),
        bytes: async () => await runLogJob(project, "count_bytes", []),
      },
      { warmUps: 1, repetitions: 3 },
    );
    const sql = { name: "Spark, `split_part … group by`", values: values.sql };
    const name = `${log.lines.toLocaleString("en")} lines, \`map\` of fields on executors`;
    return [
      {
        name,
        unit: "ms",
        ours: values.ours,
        peer: { name: "Python, `mapInArrow`", values: values.python },
        target: { kind: "ratio", atMost: 2 },
      },
      {
        name: `${name}, ${leastRowsPerSecond.toLocaleString("en")} a second`,
        unit: "ms",
        ours: values.ours,
        peer: sql,
        target: { kind: "value", atMost: (log.lines / leastRowsPerSecond) * 1000 },
      },
      {
        name: `${logMb} MB, \`map\` of fields in threads`,
        unit: "ms",
        ours: values.records,
        peer: sql,
        target: { kind: "ratio", atMost: 0.2 },
      },
      {
        name: `${logMb} MB, \`mapBytes\` in threads`,
        unit: "ms",
        ours: values.bytes,
        peer: sql,
        target: { kind: "ratio", atMost: 0.2 },
      },
    ];
  },
};

/** A whole run, with its session, its processes and its rows on disk. */
async function countInTypeScript(spark: SparkConnect, log: LogFile, folder: string): Promise<number> {
  const { mapReduce } = countRecords;
  if (mapReduce === undefined) throw new Error("the job has no functions");
  const own = `${folder}-${performance.now()}`;
  await mkdir(own);
  return await timeMs(async () => {
    const code = await buildExecutorCode({ root, file: join(root, "jobs/count-records.ts"), version: "0.0.0" });
    const { keys, records } = await runOnExecutors(
      {
        code: mapReduce,
        input: { files: [{ path: log.path, name: "access.log", bytes: logMb * 1_000_000 }] },
        memoryBytes: 256_000_000,
        threads: 1,
        inlineBytes: 0,
        maxLineBytes: 1_000_000,
        bad: { most: 0, isKept: false },
        folder: own,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      },
      {
        clock: createSystemClock(),
        open: async (signal) => await openSparkTasks(await spark.open(), code, signal),
      },
    );
    assertCounts([{ keys, n: records }], log);
  });
}

const python = `
def run(batches):
    import pyarrow
    counts = {}
    for batch in batches:
        for line in batch.column(0).to_pylist():
            key = line.split(" ", 7)[6]
            counts[key] = counts.get(key, 0) + 1
    yield pyarrow.RecordBatch.from_arrays([
        pyarrow.array(list(counts.keys()), pyarrow.string()),
        pyarrow.array(list(counts.values()), pyarrow.int64()),
    ], ["key", "n"])
`;

async function countInPython(session: ConnectSession, log: LogFile): Promise<number> {
  return await timeMs(async () => {
    const relation = mapInArrow({
      sql: `select value from text.\`${log.path}\``,
      source: python,
      names: {},
      columns: [
        { name: "key", type: arrowColumn.text },
        { name: "n", type: arrowColumn.long },
      ],
      python: "3.11",
    });
    const view = new MessageWriter().message(1, relation).text(2, "pairs").flag(3, false).flag(4, true);
    const command = new MessageWriter().message(2, new MessageWriter().message(3, view));
    await Array.fromAsync(readPlan(session, command.finish()));
    const pairs = "select key, sum(n) as n from pairs group by key";
    assertCounts(await queryRows(session, `select count(*) as keys, sum(n) as n from (${pairs})`), log);
  });
}

function assertCounts(rows: readonly Readonly<Record<string, unknown>>[], { keys, lines }: LogFile): void {
  const [counted] = rows;
  if (Number(counted?.["keys"]) === keys && Number(counted?.["n"]) === lines) return;
  throw new Error(
    `expected ${lines} lines of ${keys} keys, got: ${String(counted?.["n"])} of ${String(counted?.["keys"])}`,
  );
}
