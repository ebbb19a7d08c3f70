// The order of test files: those that take longest begin first, so that no process works on alone while the others are done.
// Vitest knows how long files took only where they ran before; in a fresh clone it goes by their size, which says little of a
// suite that stands in another file.
import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of more than about ten seconds, the longest first. */
const longest: readonly string[] = [
  "kill-flights",
  "web-accessibility",
  "postgres-store",
  "chaos-postgres",
  "simulation",
  "cli-run",
  "many-processes",
  "publish-crash",
  "fuzz",
  "sqlite-store",
  "ui-journeys",
  "schedule-processes",
  "isolation",
  "fuzz-postgres",
  "security",
  "cli-server",
  "cli-exec",
  "poison",
  "quarantine-order",
  "events",
  "publication-order",
  "watermarks",
];

/** Those of the list in its order, then the others as Vitest would have them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => place(a) - place(b));
  }
}

function place({ moduleId }: TestSpecification): number {
  const index = longest.indexOf(basename(moduleId, ".test.ts"));
  return index === -1 ? longest.length : index;
}
