// Faults that the linter must refuse, one for each rule that the project counts on.
import type { PlantedFailure } from "./planted-failure.ts";

const header = "// Planted.\n";
const planted = "src/core/planted.ts";
const lint = ["oxlint", "--format=unix"];
/** The gate reads everything, which one fault shows; the others are about rules, and planted files are enough for them. */
const lintFolder = "src/core/planted";

export const lintFailures: readonly PlantedFailure[] = [
  {
    name: "a promise that nobody awaits (type-aware)",
    write: {
      [planted]: `${header}async function load(): Promise<void> {}\nexport function start(): void { load(); }\n`,
    },
    command: lint,
    expected: /src\/core\/planted\.ts.*\(no-floating-promises\)/,
  },
  lintFailure("a switch that forgets a case (type-aware)", "switch-exhaustiveness-check", [
    'export function toNumber(side: "a" | "b"): void { switch (side) { case "a": return; } }',
  ]),
  lintFailure("an explicit `any`", "no-explicit-any", ["export const planted: any = 1;"]),
  lintFailure("a default export", "no-default-export", ["export default 1;"]),
  lintFailure("a console call in the source", "no-console", [
    'import type { Cycle } from "./no-cycle.ts";',
    "console.log(1);",
    "export type Planted = Cycle | 2;",
  ]),
  lintFailure("the environment read outside the configuration", "no-process-env", [
    "export const home: string | undefined = process.env.HOME;",
  ]),
  lintFailure("the wall clock in the core", "no-restricted-properties", ["export const now: number = Date.now();"]),
  lintFailure("a timer in the core", "no-restricted-globals", ["setTimeout(() => {}, 1);", "export {};"]),
  lintFailure("an import cycle, found by the linter", "no-cycle", [
    'import type { Planted } from "./no-console.ts";',
    "export type Cycle = Planted | 1;",
  ]),
  lintFailure("a function that is too long", "max-lines-per-function", [
    `export function planted(): void {${"\n  void 0;".repeat(61)}\n}`,
  ]),
];

function lintFailure(name: string, rule: string, lines: readonly string[]): PlantedFailure {
  const file = `${lintFolder}/${rule}.ts`;
  return {
    name,
    write: { [file]: `${header}${lines.join("\n")}\n` },
    command: [...lint, lintFolder],
    expected: new RegExp(`${file.replace(".", "\\.")}.*\\(${rule}\\)`),
    together: "lint",
  };
}
