// `npm run chaos`: long chaos runs over real processes. Prints what was found and writes the report. Exits with 1 when
// anything was lost, counted twice, or otherwise not as it should be.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatScenario, writeReport } from "../tests/chaos/report.ts";
import { runCommitUnknown, runFullDisk, runKills, type ScenarioResult } from "../tests/chaos/scenarios.ts";

const usage = `npm run chaos -- [--store postgres|sqlite] [--kills 1000] [--runs 50000]
               [--cuts n]       instead: commits whose answers get lost, on Postgres
               [--full-disk n]  instead: times that the disk is full, under SQLite (as root)
               [--seed 1] [--workers 4] [--schedulers 2] [--report docs/reports/chaos.md]`;

const { values } = parseArgs({
  options: {
    store: { type: "string", default: "postgres" },
    kills: { type: "string", default: "1000" },
    runs: { type: "string", default: "50000" },
    cuts: { type: "string" },
    "full-disk": { type: "string" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "4" },
    schedulers: { type: "string", default: "2" },
    report: { type: "string", default: join("docs", "reports", "chaos.md") },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  const result = await runScenario();
  console.log(`\n${formatScenario(result)}`);
  for (const { kind, message } of result.findings.slice(0, 50)) console.log(`${kind}: ${message}`);
  await writeReport(values.report, result);
  console.log(`\nwritten to ${values.report}`);
  if (result.findings.length > 0) process.exitCode = 1;
}

async function runScenario(): Promise<ScenarioResult> {
  const { store, cuts } = values;
  if (store !== "postgres" && store !== "sqlite")
    throw new RangeError(`expected postgres or sqlite, got: \`${store}\``);
  const options = {
    runs: toCount("runs", values.runs),
    seed: toCount("seed", values.seed),
    workers: toCount("workers", values.workers),
    schedulers: toCount("schedulers", values.schedulers),
    onProgress: (line: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`),
  };
  if (cuts !== undefined) return await runCommitUnknown({ ...options, cuts: toCount("cuts", cuts) });
  const times = values["full-disk"];
  if (times !== undefined) return await runFullDisk({ ...options, times: toCount("full-disk", times) });
  return await runKills(store, { ...options, kills: toCount("kills", values.kills) });
}

function toCount(option: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new RangeError(`expected \`--${option}\` to be a positive integer, got: \`${text}\``);
}
