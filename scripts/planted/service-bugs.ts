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
  bug("a request leaves before it is written down", "what a process sent before it died is sent again", {
    file: "src/data/requests/request-journal.ts",
    from: 'await this.#input.ledger.changeRequest(this.#name, { state: "sent" });',
    to: "",
    suites: [unit("src/data/requests/request-journal.test.ts")],
  }),
  bug("an answer of a server error says that nothing was done", "half of the work is done twice", {
    file: "src/data/requests/request-journal.ts",
    from: "return status < 500 && status !== 408;",
    to: "return true;",
    suites: [unit("src/data/requests/request-journal.test.ts")],
  }),
  bug("rows of two groups are in one batch", "rows go to another customer", {
    file: "src/data/payload/payload-batches.ts",
    from: "this.#rows.length < most && printJson(group) === this.#key",
    to: "this.#rows.length < most",
    suites: [integration("tests/integration/data/http-payload.test.ts")],
  }),
  bug("exactly at the threshold passes", "a validation lets through what it should stop", {
    file: "src/data/checks/compare.ts",
    from: "rows * 100 >= threshold * whole",
    to: "rows * 100 > threshold * whole",
    suites: [unit("src/data/checks/compare.test.ts")],
  }),
];
