// Bugs in Delta tables: rows that are lost, come back or are not found, and files that the log forgets.
import { bug, contract, integration, unit, type PlantedBug } from "./planted-bug.ts";

export const deltaBugs: readonly PlantedBug[] = [
  bug("the smallest text of a file stands for all of them", "rows of a Delta table are not found by their beginning", {
    file: "src/data/delta/read/delta-file-predicate.ts",
    from: "${cut(range.max)} >= ${prefix}",
    to: "${cut(range.min)} >= ${prefix}",
    suites: [unit("src/data/delta/read/delta-pruning.test.ts")],
  }),
  bug(
    "the largest instant that another writer gives is taken for exact",
    "rows of its last millisecond are not found",
    {
      file: "src/data/delta/read/delta-foreign-bounds.ts",
      from: "INTERVAL 1 MILLISECOND",
      to: "INTERVAL 0 MILLISECOND",
      suites: [integration("tests/integration/data/delta-read.test.ts")],
    },
  ),
  bug("a long text that another writer cut is taken for the largest", "rows that sort after it are not found", {
    file: "src/data/delta/read/delta-foreign-bounds.ts",
    from: "const shortestCut = 32;",
    to: "const shortestCut = 64;",
    suites: [unit("src/data/delta/read/delta-foreign-bounds.test.ts")],
  }),
  bug("a file is known by its path alone", "rows that were deleted come back, or a file is lost", {
    file: "src/data/delta/log/delta-file-key.ts",
    from: "if (deletionVector === undefined || deletionVector === null) return place;",
    to: "if (deletionVector !== undefined || deletionVector !== null) return place;",
    suites: [unit("src/data/delta/read/delta-features.test.ts")],
  }),
  bug("deleted rows are looked up in the first file with some", "rows are lost and deleted ones are read", {
    file: "src/data/delta/read/delta-files-sql.ts",
    from: "keys.push(index * maxBlocks + block);",
    to: "keys.push(block);",
    suites: [unit("src/data/delta/read/delta-features.test.ts")],
  }),
  bug("a file that is written again leaves its vector out of the log", "other readers keep the file in the table", {
    file: "src/data/delta/write/delta-placement.ts",
    from: "...(deletionVector ? { deletionVector } : {}),",
    to: "",
    suites: [unit("src/data/delta/write/delta-features-write.test.ts")],
  }),
  bug("equal rows of a file that is written again count as kept", "a merge loses rows", {
    file: "src/data/delta/write/delta-merge.ts",
    from: "others.filter((file) => !removed.includes(file))",
    to: "others",
    suites: [unit("src/data/delta/write/delta-merge.test.ts")],
  }),
  bug("a lost race is not fenced", "a run that was taken over commits after its successor", {
    file: "src/data/delta/write/delta-commit.ts",
    from: "await this.#input.assertHeld();",
    to: "if ((snapshot?.version ?? 0) < 1) await this.#input.assertHeld();",
    suites: [unit("src/data/delta/write/delta-race.test.ts")],
  }),
  bug("keys of maps may be infinite", "other readers fail on the whole table", {
    file: "src/data/delta/schema/delta-nested-values.ts",
    from: '...among(`map_keys(${sql})`, { type: type.keyType, nullable: true }, "key"),',
    to: "",
    suites: [unit("src/data/targets/delta/limits.test.ts")],
  }),
  bug("a reset deletes tables in the folder of a table", "rows of another dataset are gone", {
    file: "src/data/delta/write/delta-deletion.ts",
    from: "!isTable(path) && ",
    to: "",
    suites: [contract("tests/conformance/delta-deletion.test.ts")],
  }),
  bug("a reset takes every file with a name of ours", "the copies that a person made of a table's files are gone", {
    file: "src/data/delta/write/delta-deletion.ts",
    from: ' && (folder === "" || isOurs(folder))',
    to: "",
    suites: [contract("tests/conformance/delta-deletion.test.ts")],
  }),
  bug("a late merge counts as a late replace of its quarantine", "its rows are refused for ever", {
    file: "src/data/delta/write/delta-commit-plan.ts",
    from: "!isMadeOver && ",
    to: "",
    suites: [integration("tests/integration/data/quarantine-order.test.ts")],
  }),
];
