// `npm run example-kills`: kills the commands of the examples with services at random, lets them go on, and writes a dated report. Needs
// the build; `npm run example-kills pulse` kills one alone. Exits with 1 when what is left differs from an undisturbed run.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatExampleKills, writeExampleKills } from "../../tests/chaos/examples/example-kill-report.ts";
import { type ExampleTrial, exampleTrials } from "../../tests/chaos/examples/example-trials.ts";
import { killExample } from "../../tests/chaos/examples/kill-example.ts";
import { createRandom } from "../../tests/chaos/faults/random.ts";

const known = exampleTrials.map(({ name }) => name);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: "string", default: "50" },
    example: { type: "string", multiple: true, default: [] },
    seed: { type: "string", default: "1" },
    report: { type: "string", default: join("docs", "reports", "example-kills.md") },
  },
});
const named = [...positionals, ...values.example];
const wanted = named.length === 0 ? known : named;
const [count, seed] = [Number(values.kills), Number(values.seed)];

if (wanted.every((name) => known.includes(name)) && count > 0 && Number.isInteger(seed)) {
  for (const trial of exampleTrials.filter(({ name }) => wanted.includes(name))) await killOne(trial);
} else {
  console.error(`expected --kills above 0, a whole --seed and examples out of ${known.join(", ")}`);
  process.exitCode = 2;
}

async function killOne(trial: ExampleTrial): Promise<void> {
  const startedAtMs = performance.now();
  const kills = await killExample(trial, {
    count,
    random: createRandom(seed),
    onTrial: ({ plan, kills: places, findings }, hits) => {
      const found = findings.map((finding) => `\n  ${finding}`).join("");
      console.log(`${trial.name} ${hits} of ${count}: ${JSON.stringify(plan)}: ${places.join(", ")}${found}`);
    },
  });
  const facts = {
    command: `npm run example-kills -- ${trial.name} --kills ${count} --seed ${seed}`,
    date: new Date().toISOString().slice(0, 10),
    durationMs: performance.now() - startedAtMs,
  };
  console.log(`\n${formatExampleKills(kills, facts)}\n`);
  await writeExampleKills(values.report, kills, facts);
  if (kills.trials.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
}
