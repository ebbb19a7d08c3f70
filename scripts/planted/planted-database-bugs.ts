// Bugs in what reads and writes databases and files of text.
import { bug, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const plantedDatabaseBugs: readonly PlantedBug[] = [
  bug("a file of text that is about to be replaced has the columns of the one that comes", "its rows cannot be read", {
    file: "src/data/targets/column-file.ts",
    from: "found.mtimeMs === written.modifiedAtMs",
    to: "found.size > 0",
    suites: [unit("src/data/targets/column-file.test.ts")],
  }),
  bug("what Postgres remembers of a run is not found", "a run that was killed after its commit publishes twice", {
    file: "src/data/targets/postgres/postgres-table.ts",
    from: 'has_own: row?.[0] === "t"',
    to: 'has_own: row?.[0] === "true"',
    suites: [integration("tests/integration/data/postgres-target.test.ts")],
  }),
  bug("what Redshift remembers of a run is not found", "a run that was killed after its commit publishes twice", {
    file: "src/data/targets/redshift/redshift-table.ts",
    from: 'has_own: own?.[0] !== "0"',
    to: "has_own: own?.length === 0",
    suites: [integration("tests/integration/data/redshift-target.test.ts")],
  }),
  bug("a transaction that Redshift ends for another one ends the attempt", "rows are loaded anew for nothing", {
    file: "src/connections/postgres/postgres-error.ts",
    from: 'stateOf(thrown) === "XX000" && conflict.test(message)',
    to: 'stateOf(thrown) === "40000" && conflict.test(message)',
    suites: [integration("tests/integration/data/redshift-target.test.ts")],
  }),
  bug("a field with a line end is taken for two rows where files are read in parts", "rows are torn", {
    file: "src/data/files/text-scan.ts",
    from: "} else if (isInside) {",
    to: "} else if (isInside && lastQuote < 0) {",
    suites: [unit("src/data/files/text-scan.test.ts")],
  }),
  bug("an empty text alone in its row is written as an empty line", "the row is lost on its way out of Postgres", {
    file: "src/data/postgres/postgres-spool.ts",
    from: "texts.width === 1",
    to: "texts.width === 0",
    suites: [integration("tests/integration/data/sql-source.test.ts")],
  }),
  bug("texts of MySQL that begin like the mark of NULL are written without quotes", "they are read as NULL", {
    file: "src/data/mysql/mysql-spool.ts",
    from: "value[0] === backslash",
    to: "value[0] === quote",
    suites: [unit("src/data/mysql/mysql-spool.test.ts")],
  }),
  bug(
    "the last range of keys of a table of MySQL ends at the greatest key",
    "rows are lost that are written meanwhile",
    {
      file: "src/data/sources/sql/mysql-ranges.ts",
      from: "`${column} >= ${bounds.at(-1)}`",
      to: "`${column} >= ${bounds.at(-1)} AND ${column} < ${most}`",
      suites: [unit("src/data/sources/sql/mysql-ranges.test.ts")],
    },
  ),
  bug("rows that pass are published although a check says no", "nobody sees that a column has become empty", {
    file: "src/data/publish/pass-through.ts",
    from: "results.some(({ passed }) => !passed)",
    to: "results.length < 0",
    suites: [integration("tests/integration/data/postgres-passing.test.ts")],
  }),
  bug("a message that is cut in its head is taken for a whole one", "rows are lost on their way between servers", {
    file: "src/connections/postgres/copy-frames-out.ts",
    from: "this.#head = bytes.subarray(at);",
    to: "",
    suites: [unit("src/connections/postgres/copy-frames-out.test.ts")],
  }),
  bug("a page that is taken back leaves a file", "rows of half an answer are published beside those of the whole one", {
    file: "src/data/pages/page-spool.ts",
    from: "rmSync(later);",
    to: "void later;",
    suites: [unit("src/data/pages/page-spool.test.ts")],
  }),
];
