// `npm run stream-kills`: kills workers of streams while records flow, and writes a dated report. Exits with 1 when an effect was lost,
// doubled or out of order.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../tests/chaos/faults/random.ts";
import { formatStreamKills } from "../tests/chaos/streams/stream-kill-report.ts";
import { killStreams } from "../tests/chaos/streams/stream-kills.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "300" },
    records: { type: "string", default: "5000000" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string" },
    report: { type: "string", default: join("docs", "reports", "stream-kills.md") },
  },
});

const [kills, records, seed] = [Number(values.kills), Number(values.records), Number(values.seed)];
const startedAtMs = performance.now();
const found = await killStreams({
  kills,
  records,
  random: createRandom(seed),
  ...(values.minutes === undefined ? {} : { untilMs: startedAtMs + Number(values.minutes) * 60_000 }),
  onKill: (count) => console.log(`${count} of ${kills}`),
});
const date = new Date().toISOString().slice(0, 10);
const report = formatStreamKills(found, { seed, count: kills, date, durationMs: performance.now() - startedAtMs });
await writeFile(values.report, report);
console.log(`${report}\nwritten to ${values.report}`);
if (found.findings.length > 0) process.exitCode = 1;
