// `npm run check`, `npm test` and `npm run test:kills`: the names of the phases and their order, cheapest first.
// With names after it (`npm test -- lint unit`) only those phases run.
import { runPhases, type Phase } from "./phase-runner.ts";

const checkPhases: readonly Phase[] = [
  { kind: "tool", name: "format", command: ["oxfmt", "--check"] },
  { kind: "tool", name: "lint", command: ["oxlint", "--deny-warnings"] },
  { kind: "tool", name: "types", command: ["tsc", "-p", "."] },
  { kind: "tool", name: "types (web)", command: ["tsc", "-p", "tsconfig.web.json"] },
  { kind: "tool", name: "declarations", command: ["tsc", "-p", "tsconfig.build.json", "--noEmit"] },
  { kind: "suite", name: "architecture", project: "architecture" },
  { kind: "tool", name: "knip", command: ["knip"] },
  { kind: "suite", name: "unit", project: "unit", workers: 3 },
];

const build: Phase = { kind: "tool", name: "build", command: ["node", "scripts/build.ts"] };

const testPhases: readonly Phase[] = [
  // The build makes the declarations anyway.
  ...checkPhases.filter(({ name }) => name !== "declarations"),
  build,
  { kind: "suite", name: "conformance", project: "conformance", workers: 3 },
  // Half of the time its tests wait: for processes, for leases, for a database.
  { kind: "suite", name: "integration", project: "integration", workers: 3 },
  { kind: "suite", name: "golden", project: "golden", requires: "build" },
  { kind: "suite", name: "e2e", project: "e2e", requires: "build" },
];

const killPhases: readonly Phase[] = [
  build,
  { kind: "suite", name: "kills", project: "kills", requires: "build", workers: 3 },
  { kind: "suite", name: "simulation", project: "simulation" },
  { kind: "suite", name: "chaos", project: "chaos" },
];

const phasesByName: Readonly<Record<string, readonly Phase[]>> = {
  check: checkPhases,
  test: testPhases,
  kills: killPhases,
};

const [name = "", ...only] = process.argv.slice(2);
const phases = phasesByName[name];
const unknown = only.find((wanted) => phases?.every((phase) => phase.name !== wanted));
if (phases === undefined) {
  console.error(`expected one of ${Object.keys(phasesByName).join(", ")}, got: \`${name}\``);
  process.exitCode = 2;
} else if (unknown !== undefined) {
  console.error(`expected some of ${phases.map((phase) => phase.name).join(", ")}, got: \`${unknown}\``);
  process.exitCode = 2;
} else {
  await runPhases(only.length === 0 ? phases : phases.filter((phase) => only.includes(phase.name)));
}
