// Slips in reading services: those that lose rows, or take for rows what is none.
import { bug, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const serviceBugs: readonly PlantedBug[] = [
  bug("a page that failed stays in the spool", "rows of half an answer are published beside those of the whole one", {
    file: "src/data/sources/http/fetch-page.ts",
    from: "context.rows.discard();",
    to: "",
    suites: [integration("tests/integration/data/http-source.test.ts")],
  }),
  bug("a cursor may come again", "a service that goes in a circle is read for ever", {
    file: "src/data/requests/paginator.ts",
    from: "if (this.#seen.has(key))",
    to: "if (this.#seen.has(key) && this.#number < 0)",
    suites: [unit("src/data/requests/paginator.test.ts")],
  }),
  bug("a path to rows that is missing is no row", "an error object with status 200 is an empty delivery", {
    file: "src/data/pages/json-page-splitter.ts",
    from: "!frame.isFound && ",
    to: "frame.isFound && frame.depth < 0 && ",
    suites: [unit("src/data/pages/json-page-splitter.test.ts")],
  }),
  bug("a number of many digits goes out as it is", "the engine rounds amounts", {
    file: "src/data/pages/row-scanner.ts",
    from: "hasExponent || hasZeros || whole + scale > 15",
    to: "hasExponent || hasZeros",
    suites: [unit("src/data/pages/json-page-splitter.test.ts")],
  }),
  bug("a unit that failed counts as read", "its day is never read again", {
    file: "src/data/units/read-in-units.ts",
    from: 'if (status === "failed") return undefined;',
    to: "",
    suites: [unit("src/data/units/read-in-units.test.ts"), integration("tests/integration/data/http-units.test.ts")],
  }),
  bug("a later attempt may leave a unit out", "rows that were published come again with the next run", {
    file: "src/data/units/read-in-units.ts",
    from: "(read === undefined ? {} : { isWhole: true })",
    to: "{}",
    suites: [unit("src/data/units/read-in-units.test.ts")],
  }),
  bug("what comes out of an archive is not compared with its checksum", "damaged rows are published", {
    file: "src/data/sources/packing/zip-entries.ts",
    from: "if (crc !== entry.crc32)",
    to: "if (crc !== entry.crc32 && bytes < 0)",
    suites: [unit("src/data/sources/read-files.test.ts")],
  }),
  bug("a block of Avro may end with any mark", "rows of a damaged file are published", {
    file: "src/data/sources/avro/container.ts",
    from: "if (!mark.equals(await reader.read(16)))",
    to: "if (!mark.equals(await reader.read(16)) && rows < 0)",
    suites: [unit("src/data/sources/avro/relation.test.ts")],
  }),
  bug("an element that comes twice in a row is taken once", "all values but the last are lost", {
    file: "src/data/sources/xml/row-builder.ts",
    from: "if (fields.has(name)) this.#repeated.add(path);",
    to: "",
    suites: [unit("src/data/sources/xml/relation.test.ts")],
  }),
];
