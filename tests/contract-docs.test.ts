// The page of the contracts of streams has all of them, and each is shown by tests that are there, or says why not.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { findWrongContracts, parseContracts } from "./support/gates/contract-table.ts";
import { findUnshown } from "./support/gates/feature-table.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const path = "docs/internals/stream-contracts.md";
const counts = { C: 15, K: 30 };

test("each contract of streams is shown by tests that are there, or the page says why not", async () => {
  const contracts = parseContracts({ path, text: (await read(path)) ?? "" });
  const suites = (await read("tests/services/kafka/stream-jobs.services.test.ts")) ?? "";
  expect(findWrongContracts(contracts, counts, (file) => runsOnKafka(file, suites))).toEqual([]);
  const shown = contracts.filter(({ shownBy }) => shownBy.length > 0);
  const rows = shown.map(({ number, cells, shownBy }) => ({ feature: number, cells, shownBy }));
  expect(await findUnshown(rows, read)).toEqual([]);
});

test("planted rows that are empty, missing, doubled, unproven or without a reason are found", async () => {
  const on = (file: string): string => `[a test](../../tests/${file}.test.ts)`;
  const text = [
    "| # | contract | shown on | not shown | shown by |",
    "| --- | --- | --- | --- | --- |",
    `| C1 | fine | SQLite, Postgres, Kafka | – | ${on("a")} · ${on("services/kafka/b")} |`,
    "| C2 | fine | none | nobody asks for it |  |",
    `| C3 | silent | SQLite, Postgres | – | ${on("a")} |`,
    `| C3 | elsewhere | Kafka, Redis | others hold it | ${on("a")} |`,
    "| C5 | unproven | SQLite, Postgres | no broker |  |",
    `| C6 |  | SQLite | one writer | ${on("a")} |`,
    `| K9 | unknown | SQLite, Postgres, Kafka | – | ${on("services/kafka/gone")} |`,
  ].join("\n");
  const contracts = parseContracts({ path, text });
  expect(findWrongContracts(contracts, { C: 6 }, (file) => file.includes("kafka"))).toEqual([
    "no row for `C4`",
    "`K9` is no contract",
    "`C3` comes twice",
    "`C3`: no reason for a place that is left out",
    "`C3`: `Redis` is no place",
    "`C3`: none of its tests runs on Kafka",
    "`C5`: no test",
    "`C6`: no `contract`",
  ]);
  const rows = contracts.map(({ number, cells, shownBy }) => ({ feature: number, cells, shownBy }));
  const planted = (file: string): Promise<string | undefined> =>
    Promise.resolve(file.endsWith("a.test.ts") ? 'test("a test of something"' : undefined);
  expect(
    await findUnshown(
      rows.filter(({ feature }) => feature === "C1" || feature === "K9"),
      planted,
    ),
  ).toEqual(["`C1`: no file `tests/services/kafka/b.test.ts`", "`K9`: no file `tests/services/kafka/gone.test.ts`"]);
});

/** Suites of the log port, tests against a broker, and suites of jobs that are loaded by one of those. */
function runsOnKafka(file: string, suites: string): boolean {
  if (/^tests\/(?:services\/kafka|conformance\/streams\/log-)/.test(file)) return true;
  const [, suite] = /^tests\/integration\/streams\/(.*)\.test\.ts$/.exec(file) ?? [];
  return suite !== undefined && suites.includes(`"${suite}"`);
}

function read(file: string): Promise<string | undefined> {
  return readFile(join(repositoryRoot, file), "utf8").catch(() => undefined);
}
