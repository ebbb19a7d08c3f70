// Bugs in what becomes of rows on their way into a dataset: values that change, and rows that are lost.
import { bug, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const convertBugs: readonly PlantedBug[] = [
  bug("a value under an older key is taken for one of the newest", "it is lost when the older key goes", {
    file: "src/connections/registry/field-cipher.ts",
    from: "return sealed.startsWith(newestMark) ? sealed",
    to: "return sealed.startsWith(format) ? sealed",
    suites: [unit("src/connections/registry/key-rotation.test.ts")],
  }),
  bug("a number is rounded by a cast", "1.5 pieces are delivered as 2", {
    file: "src/compute/exact-cast.ts",
    from: 'const isSameNumber = `coalesce(${compare(exact)}, ${compare("DOUBLE")}, true)`;',
    to: 'const isSameNumber = "true";',
    suites: [unit("src/data/convert/cast.test.ts")],
  }),
  bug("a batch takes rows of two keys", "one customer's conversions are sent in the name of another", {
    file: "src/data/convert/steps/batch.ts",
    from: "row_number() OVER (${within}ORDER BY ${rank}) - 1",
    to: "row_number() OVER (ORDER BY ${rank}) - 1",
    suites: [unit("src/data/convert/rows.test.ts")],
  }),
  bug("a row with a new column is discarded without being set aside", "rows are lost and the run is green", {
    file: "src/data/publish/conform-rows.ts",
    from: "...(aside === undefined ? early : { aside: [...(query.aside ?? []), aside] }),",
    to: "...early,",
    suites: [integration("tests/integration/data/schema-rules.test.ts")],
  }),
  bug("a sealed value is not bound to its column", "a value that was moved to another column opens there", {
    file: "src/connections/registry/field-cipher.ts",
    from: "return `${format}.${id}.${column}`;",
    to: "return `${format}.${id}.${column.slice(0, 0)}`;",
    suites: [unit("src/data/convert/functions.test.ts")],
  }),
];
