// `npm run example-kills`: kills the commands of the examples with services at random, lets them go on, and writes a dated report. Needs
// the build. Exits with 1 when what is left differs from an undisturbed run.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatExampleKills } from "../tests/chaos/examples/example-kill-report.ts";
import { exampleTrials } from "../tests/chaos/examples/example-trials.ts";
import { type ExampleKills, killExample } from "../tests/chaos/examples/kill-example.ts";
import { createRandom } from "../tests/chaos/faults/random.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    example: { type: "string", multiple: true, default: exampleTrials.map(({ name }) => name) },
    seed: { type: "string", default: "1" },
    report: { type: "string", default: join("docs", "reports", "example-kills.md") },
  },
});
const [count, seed] = [Number(values.kills), Number(values.seed)];
const unknown = values.example.find((name) => exampleTrials.every((trial) => trial.name !== name));

if (unknown !== undefined || !(count > 0) || !Number.isInteger(seed)) {
  const names = exampleTrials.map(({ name }) => name).join(", ");
  console.error(`expected --kills above 0, a whole --seed and --example out of ${names}`);
  process.exitCode = 2;
} else {
  await killAll();
}

async function killAll(): Promise<void> {
  const startedAtMs = performance.now();
  const chosen = exampleTrials.filter(({ name }) => values.example.includes(name));
  // side by side: a command mostly waits, and examples that disturb each other make more different moments
  const examples = await Promise.all(
    chosen.map(async (trial, index): Promise<ExampleKills> => {
      const random = createRandom(seed + index);
      return await killExample(trial, {
        count,
        random,
        onTrial: ({ plan, kills, findings }, hits) =>
          console.log(
            [`${trial.name} ${hits} of ${count}`, JSON.stringify(plan), kills.join(", "), ...findings].join(": "),
          ),
      });
    }),
  );
  const all = chosen.length === exampleTrials.length ? "" : chosen.map(({ name }) => ` --example ${name}`).join("");
  const command = `npm run example-kills -- --kills ${count} --seed ${seed}${all}`;
  const date = new Date().toISOString().slice(0, 10);
  const report = formatExampleKills(examples, { command, date, durationMs: performance.now() - startedAtMs });
  await writeFile(values.report, report);
  console.log(`\n${report}\nwritten to ${values.report}`);
  if (examples.some(({ trials }) => trials.some(({ findings }) => findings.length > 0))) process.exitCode = 1;
}
