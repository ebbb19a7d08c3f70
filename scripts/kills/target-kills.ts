// `npm run kills`: kills publishing processes and fills their disks in the middle of large transactions, and writes a dated report.
// Exits with 1 when anything was lost, doubled, stuck or left behind.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../../tests/chaos/faults/random.ts";
import { formatTargetKills } from "../../tests/chaos/targets/target-kill-report.ts";
import { killedTables, planTargetKills } from "../../tests/chaos/targets/target-kill-plan.ts";
import { canMount } from "../../tests/support/can-mount.ts";
import { createTemplate, killOnce, type TargetKill } from "../../tests/chaos/targets/target-kills.ts";

const date = new Date().toISOString().slice(0, 10);
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    report: { type: "string", default: join("docs", "reports", "target-kills.md") },
  },
});

const [count, seed] = [Number(values.kills), Number(values.seed)];
// Some faults come too late to harm, so there are more than are wanted.
const faults = planTargetKills(count * 3, createRandom(seed), canMount());
let harmed = 0;
await using templates = new AsyncDisposableStack();
const roots = new Map<string, string>();
for (const table of killedTables.filter(({ exists }) => exists)) {
  const template = templates.use(await createTemplate(table));
  roots.set(`${table.format} ${table.mode}`, template.root);
}
const kills: TargetKill[] = [];
const startedAtMs = performance.now();
for (const fault of faults) {
  if (harmed === count) break;
  const kill = await killOnce(roots.get(`${fault.format} ${fault.mode}`) ?? "", fault);
  kills.push(kill);
  if (kill.end !== "unharmed") harmed += 1;
  console.log(`${harmed} of ${count}: ${JSON.stringify(fault)} ${kill.end} ${kill.findings.join("; ")}`);
}
const report = formatTargetKills(kills, { seed, count, date, durationMs: performance.now() - startedAtMs });
await mkdir(dirname(values.report), { recursive: true });
await writeFile(values.report, report);
console.log(`\n${report}\nwritten to ${values.report}`);
if (kills.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
