// Slips in reading services: those that lose rows, or take for rows what is none.
import { bug, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const serviceBugs: readonly PlantedBug[] = [
  bug("a page that failed stays in the spool", "rows of half an answer are published beside those of the whole one", {
    file: "src/data/sources/http/fetch-page.ts",
    from: "context.rows.discard();",
    to: "",
    suites: [integration("tests/integration/data/http-source.test.ts")],
  }),
  bug(
    "the remote job in the place of an expired one is forgotten",
    "it stays at the service, and the one that is gone is asked about",
    {
      file: "src/data/sources/http/remote-job.ts",
      from: 'for (const turn of ["again", "first"] as const)',
      to: 'for (const turn of ["first"] as const)',
      suites: [integration("tests/integration/data/http-remote-jobs.test.ts")],
    },
  ),
  bug("a remote job is done when its state is unknown", "results of work that goes on are read", {
    file: "src/data/sources/http/remote-job.ts",
    from: "answer === undefined || !matches(remote.status, remote.status.is, body)",
    to: "answer === undefined",
    suites: [integration("tests/integration/data/http-remote-jobs.test.ts")],
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
    file: "src/data/units/unit-ends.ts",
    from: 'outcomes.filter(({ status }) => status !== "failed")',
    to: "[...outcomes]",
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
  bug("a sample moves the watermark", "rows that nobody has published are never read", {
    file: "src/orchestrator/attempt/attempt-watermarks.ts",
    from: "if (sampleRowsOf(run.params) !== undefined) return;",
    to: "",
    suites: [integration("tests/integration/data/sample.test.ts")],
  }),
  bug("a secret that is cut into two parts is recorded", "a token is in a file that people hand on", {
    file: "src/connections/tape/tape-mask.ts",
    from: "=== whole) return end;",
    to: "!== undefined) return end;",
    suites: [unit("src/connections/tape/tape-mask.test.ts")],
  }),
  bug("a plan begins with the second page", "what a person has looked at is not what is sent", {
    file: "src/data/sources/http/prepare-requests.ts",
    from: "page: openPages(http).first()",
    to: "page: { ...openPages(http).first(), variables: { offset: 1, number: 1 } }",
    suites: [integration("tests/integration/data/job-plan.test.ts")],
  }),
  bug("a number of YAML is taken as it is read", "the account `007` becomes another one", {
    file: "src/project/declared/yaml-value.ts",
    from: "if (String(value) === source) return value;",
    to: 'if (source !== "") return value;',
    suites: [unit("src/project/declared/load-declared.test.ts")],
  }),
  bug("units that failed do not come first", "among a thousand units nobody sees the three that are missing", {
    file: "src/server/rest/state/unit-page.ts",
    from: "const rank = error !== null ? 0 :",
    to: "const rank = error !== null ? 4 :",
    suites: [unit("src/server/rest/state")],
  }),
  bug("a schedule that is held back counts as late", "people are told of trouble where there is none", {
    file: "src/orchestrator/explain/late-schedules.ts",
    from: "health.lateSchedules - held.length",
    to: "health.lateSchedules",
    suites: [unit("src/orchestrator/explain")],
  }),
  bug("a file counts as there at first sight", "half a file is read", {
    file: "src/orchestrator/scheduling/decide-trigger.ts",
    from: "before.arriving[path] === stamp",
    to: "stamp !== undefined",
    suites: [unit("src/orchestrator/scheduling/decide-trigger.test.ts")],
  }),
  bug("rows of credentials are kept when a check fails", "a token lies open on the disk", {
    file: "src/data/publish/failed-checks.ts",
    from: "if (rows.isSealed) throw",
    to: "if (blocking.length > 99) throw",
    suites: [integration("tests/integration/data/sealed-datasets.test.ts")],
  }),
  bug("a window behind a gap counts as read up to there", "what is in the gap is never read", {
    file: "src/data/units/unit-ends.ts",
    from: "compareWatermarks(range.from, before) > 0 || ",
    to: "",
    suites: [unit("src/data/units/plan-units.test.ts")],
  }),
  bug("under a cap the first units come first", "the others never get their turn", {
    file: "src/data/units/choose-units.ts",
    from: "compare(a.since, b.since) || ",
    to: "",
    suites: [unit("src/data/units/plan-units.test.ts")],
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
