import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { quoteLiteral } from "../../../compute/engine.ts";
import { deltaRelation, openDeltaSnapshot } from "../delta-table.ts";

const folder = useTemporaryFolder("delta-damage");
const session = useEngineSession();
let table: string;
beforeEach(() => {
  table = join(folder(), randomUUID());
});

function logFile(version: number, suffix = "json"): string {
  return join(table, "_delta_log", `${String(version).padStart(20, "0")}.${suffix}`);
}

async function rowCount(warn: (message: string) => void = () => undefined): Promise<unknown> {
  const snapshot = await openDeltaSnapshot(table, { session: session(), warn });
  return (await session().query(`SELECT count(*) AS n FROM (${await deltaRelation(session(), snapshot)})`))[0]?.["n"];
}

/** A table of `commits` appends, the last of which has a file for each of three partitions. */
async function appendTimes(commits: number): Promise<void> {
  for (let id = 0; id < commits; id += 1) {
    await publish(session(), table, `select ${id} as id, p from range(3) t(p)`, { partitionBy: ["p"] });
  }
}

describe("a commit that lost lines", () => {
  test("is corrupt at whichever line it was cut, and nothing is published on top of it", async () => {
    await appendTimes(3);
    const whole = await readFile(logFile(2), "utf8");
    const lines = whole.trimEnd().split("\n");
    expect(lines).toHaveLength(5); // commitInfo, txn and three files
    for (let kept = 0; kept < lines.length; kept += 1) {
      await writeFile(
        logFile(2),
        lines
          .slice(0, kept)
          .map((line) => `${line}\n`)
          .join(""),
      );
      const message = kept === 0 ? "the commit is empty" : `the commit has ${kept} of its 5 lines`;
      const expected = { code: "DELTA_CORRUPT", message: `\`${logFile(2)}\` is damaged: ${message}` };
      expect(await expectFailure(rowCount())).toMatchObject(expected);
      expect(await expectFailure(appendTimes(1))).toMatchObject(expected);
    }
    await writeFile(logFile(2), whole);
    expect(await rowCount()).toBe(9n);
  });

  test("is corrupt also when it only changed the schema, and names no file", async () => {
    await publish(session(), table, "select 1 as id");
    await publish(session(), table, "select 1 as id, 'x' as name where false");
    const [first = ""] = (await readFile(logFile(1), "utf8")).split("\n");
    await writeFile(logFile(1), `${first}\n`);
    expect((await expectFailure(rowCount())).message).toContain("the commit has 1 of its 3 lines");
  });

  test("of an earlier version of Millrace is known by the files that it counts", async () => {
    await appendTimes(2);
    const lines = (await readFile(logFile(1), "utf8")).trimEnd().split("\n");
    const old = (lines[0] ?? "").replace(/,"actions":\d+/, "");
    await writeFile(logFile(1), [old, ...lines.slice(1)].join("\n"));
    expect(await rowCount()).toBe(6n);
    await writeFile(logFile(1), [old, ...lines.slice(1, -1)].join("\n"));
    expect((await expectFailure(rowCount())).message).toContain("names 2 of the 3 files that its `numFiles` counts");
  });

  test("of another writer is read as it is, for nobody says how long it was", async () => {
    await appendTimes(2);
    const lines = (await readFile(logFile(1), "utf8")).trimEnd().split("\n");
    const foreign = JSON.stringify({ commitInfo: { operation: "WRITE", operationMetrics: { numFiles: "3" } } });
    await writeFile(logFile(1), [foreign, ...lines.slice(2, -1)].join("\n"));
    expect(await rowCount()).toBe(5n);
  });
});

test.each([
  ["null", "expected an action"],
  ["7", "expected an action"],
  ['"add"', "expected an action"],
  ["[]", "expected an action"],
  ['{"add":7}', "expected `add` to be an object"],
  ['{"add":{}}', "`add` has no valid `path`"],
  ['{"add":{"path":"a.parquet"}}', "`add` has no valid `partitionValues`"],
  ['{"remove":{"path":null}}', "`remove` has no valid `path`"],
  ['{"metaData":{"schemaString":{}}}', "`metaData` has no valid `schemaString`"],
  ['{"protocol":{"minReaderVersion":"1"}}', "`protocol` has no valid `minReaderVersion`"],
  ['{"txn":[]}', "expected `txn` to be an object"],
  ['{"commitInfo":"me"}', "expected `commitInfo` to be an object"],
])("a line of the log that is `%s` is corrupt, with its file and line", async (line, message) => {
  await publish(session(), table, "select 1 as id");
  await writeFile(logFile(1), `{"commitInfo":{}}\n${line}\n`);
  expect(await expectFailure(rowCount())).toMatchObject({
    code: "DELTA_CORRUPT",
    message: `\`${logFile(1)}\` line 2 is no action of a Delta log: ${message}`,
  });
});

describe("a checkpoint that cannot be read", () => {
  const broken = ["", "broken", "PAR1PAR1"];

  test.each(broken)("is got round with a warning while the commits are there, when it holds `%s`", async (text) => {
    await appendTimes(11);
    const checkpoint = logFile(10, "checkpoint.parquet");
    await writeFile(checkpoint, text);
    const warnings: string[] = [];
    expect(await rowCount((message) => warnings.push(message))).toBe(33n);
    expect(warnings).toEqual([`the checkpoint \`${checkpoint}\` cannot be read; the log before it was read instead`]);
  });

  test("is got round by an earlier one, and named when no state before it is left", async () => {
    await appendTimes(21);
    await writeFile(logFile(20, "checkpoint.parquet"), "broken");
    for (let version = 0; version <= 10; version += 1) await rm(logFile(version));
    expect(await rowCount()).toBe(63n);
    await writeFile(logFile(10, "checkpoint.parquet"), "broken");
    expect(await expectFailure(rowCount())).toMatchObject({
      code: "DELTA_CORRUPT",
      message: `the checkpoint \`${logFile(20, "checkpoint.parquet")}\` cannot be read`,
    });
  });

  test("is one that is valid Parquet but not the state of a table, too", async () => {
    await appendTimes(11);
    const path = logFile(10, "checkpoint.parquet");
    await session().execute(`COPY (SELECT 1 AS x) TO ${quoteLiteral(path)} (FORMAT parquet)`);
    expect(await rowCount()).toBe(33n);
    for (let version = 0; version <= 10; version += 1) await rm(logFile(version));
    expect((await expectFailure(rowCount())).code).toBe("DELTA_CORRUPT");
  });
});

test("a checkpoint may hold numbers that JSON has no form for, in fields that are not read", async () => {
  await appendTimes(11);
  const path = logFile(10, "checkpoint.parquet");
  const statistics = "{numRecords: 1, minValues: {v: 'nan'::double}, maxValues: {v: 'infinity'::double}}";
  await session().execute(`CREATE TEMP TABLE state AS SELECT * REPLACE (
      CASE WHEN add IS NOT NULL THEN struct_pack(path := add.path, partitionValues := add.partitionValues, size := add.size,
        modificationTime := add.modificationTime, dataChange := add.dataChange, stats := NULL::VARCHAR,
        stats_parsed := ${statistics}, partitionValues_parsed := {v: '-infinity'::float}) END AS add) FROM read_parquet(${quoteLiteral(path)})`);
  await session().execute(`COPY state TO ${quoteLiteral(path)} (FORMAT parquet)`);
  for (let version = 0; version <= 10; version += 1) await rm(logFile(version));
  expect(await rowCount()).toBe(33n);
  await appendTimes(1);
  expect(await rowCount()).toBe(36n);
});
