// Bugs in the modes that replace some rows of a table: rows that stay although they should go, and the other way round.
import { bug, contract, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const writeModeBugs: readonly PlantedBug[] = [
  bug("no row of one window is the same as no row of another", "the second of two windows is never emptied", {
    file: "src/data/publish/publish-staged.ts",
    from: "audit.content, ...which]",
    to: "audit.content]",
    suites: [contract("src/data/targets/duckdb/conformance.test.ts")],
  }),
  bug(
    "a moment that is said anew leaves closed what it closed before",
    "a key has two versions, or none, that hold now",
    {
      file: "src/data/targets/row-changes.ts",
      from: "SET ${end} = NULL WHERE ${to} = ${moment}",
      to: "SET ${end} = NULL WHERE ${to} > ${moment}",
      suites: [contract("src/data/targets/duckdb/conformance.test.ts")],
    },
  ),
  bug("a file with one row outside of the window leaves as a whole", "a row of another day is lost", {
    file: "src/data/delta/write/delta-replace-covered.ts",
    from: "Number(kept) > 0",
    to: "Number(kept) > 1",
    suites: [unit("src/data/delta/write/delta-change.test.ts")],
  }),
  bug("the units of a run are not what it covers", "rows of a day that has none any more stay for ever", {
    file: "src/data/modes/run-span.ts",
    from: "...(reading?.covers ?? given)",
    to: "...given",
    suites: [integration("tests/integration/data/write-modes.test.ts")],
  }),
  bug("a full refresh of a window is let through", "all rows but those of the window are lost", {
    file: "src/data/modes/assert-refresh.ts",
    from: 'mode === "replace") return',
    to: 'mode !== "snapshot") return',
    suites: [integration("tests/integration/data/full-refresh.test.ts")],
  }),
  bug("a window that reaches beyond now counts as read to its end", "the rest of the day is never read", {
    file: "src/data/units/plan-units.ts",
    from: "window === undefined || window.to > last ? last",
    to: "window === undefined ? last",
    suites: [unit("src/data/units/plan-units.test.ts")],
  }),
  bug("of the hour that clocks show twice, only the second is looked at", "rows of the other hour are lost", {
    file: "src/data/modes/local-time.ts",
    from: "return ahead > 0n && ",
    to: "return ahead < 0n && ",
    suites: [unit("src/data/modes/row-rule.test.ts")],
  }),
  bug("a run of a history reads several parts of time", "an older day becomes the version that holds", {
    file: "src/data/units/choose-units.ts",
    from: "parts.size < 2",
    to: "parts.size < 9",
    suites: [integration("tests/integration/data/write-modes.test.ts")],
  }),
  bug("an encrypted column keeps its old name", "rows are doubled by a key that is another one each time", {
    file: "src/data/convert/steps/rename.ts",
    from: "?.[1] ?? column,",
    to: "?.[0] ?? column,",
    suites: [unit("src/data/modes/assert-mode-rows.test.ts")],
  }),
  bug("files are moved before their keys are looked at", "files lie there although the run failed", {
    file: "src/data/publish/publish.ts",
    from: "staged.aside !== undefined || deliver !== undefined || scope.isFullRefresh",
    to: "staged.aside !== undefined || scope.isFullRefresh",
    suites: [integration("tests/integration/data/files-as-they-are.test.ts")],
  }),
  bug("a table whose rows are the same keeps its columns", "a full refresh leaves a column that nobody fills", {
    file: "src/data/publish/publish-staged.ts",
    from: "schema.length !== shape.tableColumns.length",
    to: "schema.length < shape.tableColumns.length",
    suites: [integration("tests/integration/data/full-refresh.test.ts")],
  }),
  bug("rows that lack all columns are the same", "a row that a step has set aside is lost", {
    file: "src/data/datasets/quarantine/aside-rows.ts",
    from: " || column.name === rowColumn;",
    to: ";",
    suites: [integration("tests/integration/data/write-modes.test.ts")],
  }),
];
