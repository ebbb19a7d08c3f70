// `npm run stream-kills`: kills workers of streams, and the servers that they need, while records flow, and writes its section of a dated
// report. Exits with 1 when an effect was lost, doubled or out of order; the project is then left where it is.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../../tests/chaos/faults/random.ts";
import { addStreamKills } from "../../tests/chaos/streams/stream-kill-report.ts";
import { killStreams } from "../../tests/chaos/streams/stream-kills.ts";

const { values } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    log: { type: "string", default: "embedded" },
    kills: { type: "string", default: "100" },
    records: { type: "string", default: "2000000" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string" },
    report: { type: "string", default: join("docs", "reports", "stream-kills.md") },
  },
});

const [kills, records, seed] = [Number(values.kills), Number(values.records), Number(values.seed)];
const startedAtMs = performance.now();
const found = await killStreams({
  store: oneOf("store", values.store, ["sqlite", "postgres"]),
  log: oneOf("log", values.log, ["embedded", "kafka"]),
  kills,
  records,
  random: createRandom(seed),
  ...(values.minutes === undefined ? {} : { untilMs: startedAtMs + Number(values.minutes) * 60_000 }),
  onKill: (count) =>
    console.log(`${count} of ${kills} after ${Math.round((performance.now() - startedAtMs) / 1_000)} s`),
  onFindings: (folder, state) => console.log(`${state}\nleft in ${folder}`),
});
const date = new Date().toISOString().slice(0, 10);
const before = await readFile(values.report, "utf8").catch(() => undefined);
const report = addStreamKills(before, found, { seed, count: kills, date, durationMs: performance.now() - startedAtMs });
await writeFile(values.report, report);
console.log(`${report}\nwritten to ${values.report}`);
if (found.findings.length > 0) process.exitCode = 1;

function oneOf<const Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice {
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) throw new Error(`expected --${name} to be one of ${choices.join(", ")}, got: ${value}`);
  return chosen;
}
