// `npm run bugs`: plants one bug after the other in a copy of the repository and shows that a suite fails because of it.
import { finishPhases } from "../phase-runner.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { plantedBugs } from "./planted-bugs.ts";
import type { RepositoryCopy } from "./repository-copy.ts";
import { copyRepositories } from "./work-in-copies.ts";

const startedAt = performance.now();
let caught = 0;
{
  await using copies = await copyRepositories();
  await copies.each(distinctSuites(), assertSound);
  await copies.each(plantedBugs, async (copy, bug) => {
    const catcher = await copy.withFault(bug, () => findCatcher(copy, bug));
    if (catcher !== undefined) caught += 1;
    console.log(catcher === undefined ? `MISSED  ${bug.name}: ${bug.harm}` : `caught  ${bug.name}, by ${catcher}`);
  });
}

const total = plantedBugs.length;
const durationMs = performance.now() - startedAt;
await finishPhases([{ name: "planted bugs", passed: caught, failed: total - caught, skipped: 0, durationMs }]);
console.log(`${caught} of ${total} planted bugs caught`);

/** A suite that fails without a bug would catch everything. One more try tells a slow moment of the machine from a broken suite. */
async function assertSound(copy: RepositoryCopy, command: readonly string[]): Promise<void> {
  const first = await copy.run(command);
  if (first.code === 0) return;
  console.log(`\`${command.join(" ")}\` failed once without a planted bug:\n${first.output.slice(-8_000)}`);
  const second = await copy.run(command);
  if (second.code !== 0) throw new Error(`\`${command.join(" ")}\` fails without a planted bug`);
}

function distinctSuites(): readonly (readonly string[])[] {
  const byText = new Map(plantedBugs.flatMap(({ suites }) => suites.map((suite) => [suite.join(" "), suite])));
  return [...byText.values()];
}

/** The first suite that fails. */
async function findCatcher(copy: RepositoryCopy, { suites }: PlantedBug): Promise<string | undefined> {
  for (const command of suites) {
    const { code } = await copy.run(command);
    if (code !== 0) return command.find((word) => /tests\/|src\/|simulate/.test(word)) ?? command.join(" ");
  }
  return undefined;
}
