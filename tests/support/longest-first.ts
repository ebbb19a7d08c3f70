// The order of test files: those that take longest begin first, so that no process works on alone while the others are done.
// Vitest knows how long files took only where they ran before; in a fresh clone it goes by their size, which says little of a
// suite that stands in another file.
import { basename } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of more than about fifteen seconds, the longest first. */
const longest: readonly string[] = [
  "web-accessibility",
  "postgres-store",
  "crashes",
  "publish-crash",
  "chaos-postgres",
  "simulation",
  "killed-fleet",
  "kill-examples",
  "kill-flights",
  "joins",
  "cli-run",
  "conformance",
  "new-component",
  "fuzz",
  "routes",
  "isolation",
  "batches",
  "fuzz-postgres",
  "batch-crash",
  "sqlite-store",
  "cli-project",
  "cli-exec",
  "cli-bad-input",
  "pack",
  "schedule-processes",
  "streams-guide",
  "ui-journeys",
  "watermarks",
  "replicas",
  "publication-order",
  "security",
  "load-strategies",
  "poison",
  "tutorial",
  "cli-server",
  "quarantine-order",
  "redshift-target",
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
