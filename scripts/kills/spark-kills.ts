// `npm run spark-kills`: kills workers and Spark itself while Spark computes what is published, and writes a dated report. Exits with 1 when
// anything was lost, doubled or seen in parts.
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, release, type } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../../tests/chaos/faults/random.ts";
import {
  killTables,
  planSparkFaults,
  rowsOfRun,
  type SparkFault,
  type SparkTrial,
  SparkTrials,
  type SparkWork,
} from "../../tests/chaos/spark/spark-kills.ts";
import { DeltaRs, ensureDeltaPython } from "../../tests/services/deltalake/delta-rs.ts";

const date = new Date().toISOString().slice(0, 10);
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    report: { type: "string", default: join("docs", "reports", "spark-kills.md") },
  },
});

const [count, seed] = [Number(values.runs), Number(values.seed)];
const startedAtMs = performance.now();
const python = await ensureDeltaPython();
await using trials = await SparkTrials.open();
const done: SparkTrial[] = [];
for (const fault of planSparkFaults(count, createRandom(seed))) {
  const trial = await trials.run(fault);
  done.push(trial);
  console.log(`${done.length} of ${count}: ${JSON.stringify(trial)}`);
}
const findings = done.flatMap((trial) => trial.findings);
for (const [work, table] of Object.entries(killTables)) {
  const runs = done.filter(({ fault }) => fault.work === work).length;
  if (runs === 0) continue;
  const { rows } = await new DeltaRs(python).read(trials.project.path(`lake/${table}`));
  if (rows.length !== runs * rowsOfRun)
    findings.push(`deltalake reads ${rows.length} rows of ${runs} runs in ${table}`);
}
await mkdir(dirname(values.report), { recursive: true });
await writeFile(values.report, formatReport());
console.log(`${findings.join("\n")}\nwritten to ${values.report}`);
if (findings.length > 0) process.exitCode = 1;

function formatReport(): string {
  const harmed = done.filter(({ isUnharmed }) => !isUnharmed);
  const of = (victim: SparkFault["victim"], work: SparkWork): number =>
    harmed.filter(({ fault }) => fault.victim === victim && fault.work === work).length;
  return `# Runs on Spark that are killed, ${date}

What \`npm run spark-kills -- --runs ${count} --seed ${seed}\` found. Each run appends ${rowsOfRun} rows to a Delta table and to a
table in SQLite: those of a query that Spark computes, or of a job that maps and reduces on its executors. In its first attempt either its process or
Spark's server is killed with SIGKILL at a random moment after its query was noted as sent, or its tasks were planned; then attempts follow until
one ends. After each attempt that was disturbed, and in the end, the run must have all of its rows in the table or none, and the \`deltalake\` package
reads the table.

| what | |
| --- | --- |
| result | ${findings.length === 0 ? "each run's rows once, and at no moment a part of them" : `**${findings.length} findings**`} |
| runs | ${count} |
| workers killed in a query | ${of("worker", "sql")} |
| Spark killed in a query | ${of("Spark", "sql")} |
| workers killed in map and reduce | ${of("worker", "mapReduce")} |
| Spark killed in map and reduce | ${of("Spark", "mapReduce")} |
| had ended before | ${done.length - harmed.length} |
| attempts | ${done.reduce((sum, { attempts }) => sum + attempts, 0)} |
| time | ${Math.round((performance.now() - startedAtMs) / 1_000)} s |
| machine | ${type()} ${release()}, ${availableParallelism()} processors, Node.js ${process.version.slice(1)}, Spark 4.2.0 |
${findings.length === 0 ? "" : `\n## Findings\n\n${findings.map((finding) => `- ${finding}`).join("\n")}\n`}`;
}
