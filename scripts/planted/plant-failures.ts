// `npm run gates`: plants one fault after the other in a copy of the repository and asserts that its gate refuses it
// with the expected words. A gate that cannot fail is no gate.
import { finishPhases } from "../phase-runner.ts";
import type { PlantedFailure } from "./planted-failure.ts";
import { plantedFailures } from "./planted-failures.ts";
import type { RepositoryCopy } from "../copies/repository-copy.ts";
import { copyRepositories } from "../copies/work-in-copies.ts";

const startedAt = performance.now();
let caught = 0;
{
  await using copies = await copyRepositories({ work: prepare, makes: ["dist", ".cache"] });
  await copies.each(turns(), async (copy, failures) => {
    const [{ command }] = failures;
    const faults = {
      write: Object.assign({}, ...failures.map(({ write }) => write)),
      remove: failures.flatMap(({ remove }) => remove ?? []),
    };
    const result = await copy.withFault(faults, () => copy.run(command));
    for (const failure of failures) {
      const problem = findProblem(failure, result);
      if (problem === undefined) caught += 1;
      console.log(problem === undefined ? `caught  ${failure.name}` : `MISSED  ${failure.name}\n${problem}`);
    }
  });
}

const total = plantedFailures.length;
const durationMs = performance.now() - startedAt;
await finishPhases([{ name: "planted failures", passed: caught, failed: total - caught, skipped: 0, durationMs }]);
console.log(`${caught} of ${total} planted failures caught`);

/** The built package, and what the compiler knows of sound sources: it looks at what a fault changes, and not at everything anew. */
async function prepare(copy: RepositoryCopy): Promise<void> {
  for (const command of [
    ["node", "scripts/build.ts"],
    ["tsc", "-p", "."],
  ]) {
    const { code, output } = await copy.run(command);
    if (code !== 0) throw new Error(`\`${command.join(" ")}\` fails without a fault:\n${output.slice(-2_000)}`);
  }
}

type Turn = readonly [PlantedFailure, ...PlantedFailure[]];

/** What is planted at once. */
function turns(): readonly Turn[] {
  const groups = Map.groupBy(plantedFailures, (failure) => failure.together ?? failure);
  return [...groups.values()].map((failures) => failures as unknown as Turn);
}

/** Undefined when the gate caught the fault, otherwise what it did instead. */
function findProblem(
  { command, expected }: PlantedFailure,
  { code, output }: { readonly code: number; readonly output: string },
): string | undefined {
  if (code === 0) return `  \`${command.join(" ")}\` passed`;
  return expected.test(output) ? undefined : `  expected ${expected}, got:\n${output.slice(-2_000)}`;
}
