// `npm run check` and `npm test`: the names of the phases and their order, cheapest first.
import { runPhases, type Phase } from "./phase-runner.ts";

const checkPhases: readonly Phase[] = [
  { kind: "tool", name: "format", command: ["oxfmt", "--check"] },
  { kind: "tool", name: "lint", command: ["oxlint", "--deny-warnings"] },
  { kind: "tool", name: "types", command: ["tsc", "-p", "."] },
  { kind: "tool", name: "declarations", command: ["tsc", "-p", "tsconfig.build.json", "--noEmit"] },
  { kind: "suite", name: "architecture", project: "architecture" },
  { kind: "tool", name: "knip", command: ["knip"] },
  { kind: "suite", name: "unit", project: "unit" },
];

const testPhases: readonly Phase[] = [
  ...checkPhases,
  { kind: "tool", name: "build", command: ["node", "scripts/build.ts"] },
  { kind: "suite", name: "conformance", project: "conformance" },
  { kind: "suite", name: "integration", project: "integration" },
  { kind: "suite", name: "golden", project: "golden", requires: "build" },
  { kind: "suite", name: "e2e", project: "e2e", requires: "build" },
];

const phasesByName: Readonly<Record<string, readonly Phase[]>> = { check: checkPhases, test: testPhases };

const name = process.argv[2] ?? "";
const phases = phasesByName[name];
if (phases === undefined) {
  console.error(`expected one of ${Object.keys(phasesByName).join(", ")}, got: \`${name}\``);
  process.exitCode = 2;
} else {
  await runPhases(phases);
}
