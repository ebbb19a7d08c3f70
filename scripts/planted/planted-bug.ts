// What a planted bug is, and the suites that most of them are caught by.
import type { Fault } from "./repository-copy.ts";

/** One bug: a piece of source and what it becomes. */
export interface PlantedBug extends Fault {
  readonly name: string;
  /** What would happen to users. */
  readonly harm: string;
  /** Suites of which one must fail, the quickest first. */
  readonly suites: readonly (readonly string[])[];
}

export const conformance: readonly string[] = contract("tests/conformance/sqlite-store.test.ts");

export const simulation: readonly string[] = [
  "node",
  "--disable-warning=ExperimentalWarning",
  "scripts/simulate.ts",
  "--seeds",
  "300",
];

export function contract(path: string): readonly string[] {
  return ["vitest", "run", "--bail=1", "--project", "conformance", path];
}

export function integration(path: string): readonly string[] {
  return ["vitest", "run", "--bail=1", "--project", "integration", path];
}

export function unit(path: string): readonly string[] {
  return ["vitest", "run", "--bail=1", "--project", "unit", path];
}

interface Slip {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Default: the store's contract, then the simulator. */
  readonly suites?: PlantedBug["suites"];
}

export function bug(
  name: string,
  harm: string,
  { file, from, to, suites = [conformance, simulation] }: Slip,
): PlantedBug {
  const change = (text: string): string => {
    // Source that moved on must not make a bug vanish unnoticed.
    if (!text.includes(from)) throw new Error(`${file} no longer has: ${from}`);
    return text.replace(from, () => to);
  };
  return { name, harm, suites, write: { [file]: change } };
}
