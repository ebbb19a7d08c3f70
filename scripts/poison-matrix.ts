// Plays every poison of `tests/support/workers/poison-jobs.ts` in every isolation and prints what became of the runs beside it:
// `npm run poison`. Takes about two minutes; the record is docs/reports/isolation.md.
import { type Poison, type PoisonMode, poisons } from "../tests/support/workers/poison-jobs.ts";
import { playPoison } from "../tests/support/workers/poison-scene.ts";

const modes: readonly PoisonMode[] = ["inline", "thread", "process"];
let broken = 0;

console.log("| beside three healthy runs | isolation | healthy runs | entered | workers | the poisoned run |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const poison of Object.keys(poisons) as Poison[]) {
  for (const mode of modes) {
    const { states, executions, workers, poisoned } = await playPoison(poison, mode);
    const isKept = states.every((state) => state === "FINISHED") && Math.max(...executions) <= 2;
    if (!isKept) broken += 1;
    const end = poisoned.code === undefined ? poisoned.state : `${poisoned.state} \`${poisoned.code}\``;
    const cells = [poison, mode, [...new Set(states)].join(", "), executions.join(", "), workers, end];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
console.log(`\n${broken === 0 ? "kept in every case" : `broken in ${broken} cases`}`);
process.exit(broken === 0 ? 0 : 1);
