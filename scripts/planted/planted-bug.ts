// One planted bug: a slip in a file of the source, and where the suites must notice it.
import type { Fault } from "./repository-copy.ts";

/** One bug: a piece of source and what it becomes. */
export interface PlantedBug extends Fault {
  readonly name: string;
  /** What would happen to users. */
  readonly harm: string;
  /** Suites of which one must fail, the quickest first. */
  readonly suites: readonly (readonly string[])[];
}

const conformance = ["vitest", "run", "--bail=1", "--project", "conformance", "tests/conformance/sqlite-store.test.ts"];
export const simulation = ["node", "--disable-warning=ExperimentalWarning", "scripts/simulate.ts", "--seeds", "300"];
export const integration = (path: string): readonly string[] => ["vitest", "run", "--project", "integration", path];
export const unit = (path: string): readonly string[] => ["vitest", "run", "--project", "unit", path];

interface Slip {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Default: the store's contract, then the simulator. */
  readonly suites?: PlantedBug["suites"];
}

/** @param name what the bug does @param harm what it would do to users */
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
