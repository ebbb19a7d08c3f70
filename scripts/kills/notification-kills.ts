// `npm run notification-kills`: kills a process that tells people of its runs, and writes a dated report. Exits with 1 when a message was
// lost, or told again without need.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../../tests/chaos/faults/random.ts";
import { formatNotificationKills } from "../../tests/chaos/notifications/notification-kill-report.ts";
import { killNotifying } from "../../tests/chaos/notifications/notification-kills.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    report: { type: "string", default: join("docs", "reports", "notification-kills.md") },
  },
});

const [count, seed] = [Number(values.kills), Number(values.seed)];
const startedAtMs = performance.now();
const kills = await killNotifying(count, createRandom(seed));
const date = new Date().toISOString().slice(0, 10);
const report = formatNotificationKills(kills, { seed, count, date, durationMs: performance.now() - startedAtMs });
await writeFile(values.report, report);
console.log(`${report}\nwritten to ${values.report}`);
if (kills.findings.length > 0) process.exitCode = 1;
