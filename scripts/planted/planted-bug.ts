// What a planted bug is, and the suites that most of them are caught by.
import type { Fault } from "../copies/repository-copy.ts";

/** One bug: a piece of source and what it becomes. */
export interface PlantedBug extends Fault {
  readonly name: string;
  /** What would happen to users. */
  readonly harm: string;
  /** Suites of which one must fail, the quickest first. */
  readonly suites: readonly (readonly string[])[];
}

export const simulation: readonly string[] = [
  "node",
  "--disable-warning=ExperimentalWarning",
  "scripts/simulate.ts",
  "--seeds",
  "300",
];

/** Of the contract of the store, the tests below a title: the whole of it takes a minute. */
export function storeContract(title: string): readonly string[] {
  const path = "tests/conformance/sqlite-store.test.ts";
  return ["vitest", "run", "--bail=1", "--project", "conformance", "-t", title, path];
}

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
  readonly suites: PlantedBug["suites"];
}

export function bug(name: string, harm: string, { file, from, to, suites }: Slip): PlantedBug {
  const change = (text: string): string => {
    // Source that moved on must not make a bug vanish unnoticed.
    if (!text.includes(from)) throw new Error(`${file} no longer has: ${from}`);
    return text.replace(from, () => to);
  };
  return { name, harm, suites, write: { [file]: change } };
}
