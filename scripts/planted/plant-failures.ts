// `npm run gates`: plants one fault after the other in a copy of the repository and asserts that its gate refuses it
// with the expected words. A gate that cannot fail is no gate.
import { finishPhases } from "../phase-runner.ts";
import { plantedFailures, type PlantedFailure } from "./planted-failures.ts";
import type { RepositoryCopy } from "./repository-copy.ts";
import { copyRepositories } from "./work-in-copies.ts";

const startedAt = performance.now();
let caught = 0;
{
  await using copies = await copyRepositories((copy) => copy.run(["node", "scripts/build.ts"]));
  await copies.each(plantedFailures, async (copy, failure) => {
    const problem = await copy.withFault(failure, () => findProblem(copy, failure));
    if (problem === undefined) caught += 1;
    console.log(problem === undefined ? `caught  ${failure.name}` : `MISSED  ${failure.name}\n${problem}`);
  });
}

const total = plantedFailures.length;
const durationMs = performance.now() - startedAt;
await finishPhases([{ name: "planted failures", passed: caught, failed: total - caught, skipped: 0, durationMs }]);
console.log(`${caught} of ${total} planted failures caught`);

/** Undefined when the gate caught the fault, otherwise what it did instead. */
async function findProblem(copy: RepositoryCopy, { command, expected }: PlantedFailure): Promise<string | undefined> {
  const { code, output } = await copy.run(command);
  if (code === 0) return `  \`${command.join(" ")}\` passed`;
  return expected.test(output) ? undefined : `  expected ${expected}, got:\n${output.slice(-2_000)}`;
}
