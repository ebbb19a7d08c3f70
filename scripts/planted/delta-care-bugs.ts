// Bugs in the care for Delta tables, and in what is told of their changes: rows that are lost, doubled or told twice.
import { bug, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const deltaCareBugs: readonly PlantedBug[] = [
  bug("a vacuum forgets the publications that execute", "rows of a run are gone as soon as they are committed", {
    file: "src/data/delta/care/delta-vacuum.ts",
    from: "&& !intended.has(path)",
    to: "",
    suites: [unit("src/data/delta/care/delta-vacuum.test.ts")],
  }),
  bug("files of a group are written again although one of them was changed", "rows of a merge are there twice", {
    file: "src/data/delta/care/delta-optimize.ts",
    from: "removed.every((file) => there",
    to: "removed.some((file) => there",
    suites: [unit("src/data/delta/care/delta-optimize.test.ts")],
  }),
  bug("changes are read from the version that was read last", "every change at the end of a run comes twice", {
    file: "src/data/targets/delta/changes.ts",
    from: "after + 1",
    to: "after",
    suites: [integration("tests/integration/data/change-feed.test.ts")],
  }),
];
