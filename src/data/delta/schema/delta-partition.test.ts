import { randomUUID } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { namelessTexts, oddTexts, wideTexts } from "../../../../tests/support/data/partition-values.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { quoteIdentifier, quoteText } from "../../../compute/engine.ts";
import { partitionFolders } from "./delta-partition.ts";
import { deltaRelation, openDeltaSnapshot } from "../delta-table.ts";

describe("a table partitioned by any text under any name", () => {
  const folder = useTemporaryFolder("delta-partition");
  const session = useEngineSession();
  let table: string;
  beforeEach(() => {
    table = join(folder(), randomUUID(), "table [1]");
  });

  const names = [
    "p",
    "Order Date",
    'a"b',
    "a/b",
    "a=b",
    "line\nbreak",
    "100%",
    "..",
    "__proto__",
    "地域",
    "x".repeat(300),
  ];
  const values = [...namelessTexts, ...oddTexts, ...wideTexts, "a\0b", "x".repeat(250)];
  const list = values.map((value, index) => `(${index}, ${quoteText(value)})`).join(", ");

  async function rows(): Promise<unknown[]> {
    const snapshot = await openDeltaSnapshot(table, { session: session() });
    const found = await session().query(`SELECT * FROM (${await deltaRelation(session(), snapshot)}) ORDER BY id`);
    return found.map((row) => [row["id"], ...Object.values(row).slice(1)]);
  }

  test.each(names)("column %j reads back as it was, appended, merged and cast", async (name) => {
    const column = quoteIdentifier(name);
    const everyValue = `select id, v as ${column} from (values ${list}, (99, null)) t(id, v)`;
    await publish(session(), table, everyValue, { partitionBy: [name] });
    expect(await rows()).toEqual([...values, null].map((value, index) => [value === null ? 99 : index, value]));
    const update = `select id, v || '!' as ${column} from (values ${list}) t(id, v)`;
    await publish(session(), table, update, { mode: "merge", key: ["id"], partitionBy: [name] });
    const narrow = `select 100::tinyint as id, ${quoteText("x".repeat(300))} as ${column}`;
    await publish(session(), table, narrow, { partitionBy: [name], withoutTable: true });
    const merged = values.map((value, index) => [index, `${value}!`]);
    expect(await rows()).toEqual([...merged, [99, null], [100, "x".repeat(300)]]);
  });

  test("numbers without a finite value have the text that other readers know", async () => {
    const values = ["nan", "infinity", "-infinity", "1.5"];
    const list = values.map((value, index) => `(${index}, '${value}'::double)`).join(", ");
    await publish(session(), table, `select * from (values ${list}) t(id, p)`, { partitionBy: ["p"] });
    const { files } = await openDeltaSnapshot(table, { session: session() });
    const texts = files.map(({ partitionValues }) => partitionValues["p"]);
    expect(new Set(texts)).toEqual(new Set(["NaN", "Infinity", "-Infinity", "1.5"]));
    expect(await rows()).toEqual([NaN, Infinity, -Infinity, 1.5].map((value, index) => [index, value]));
  });
});

const anyText = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.string({ unit: "binary", minLength: 200, maxLength: 300 }),
  fc.constantFrom("__HIVE_DEFAULT_PARTITION__", "%5F", ".", "..", "x ", "x."),
);

test("a folder is one name of any file system, and who decodes its value gets the value or finds none", () => {
  fc.assert(
    fc.property(anyText, anyText, (name, value) => {
      const [folder = ""] = partitionFolders({ [name]: value }, [name]);
      expect(Buffer.byteLength(folder)).toBeLessThanOrEqual(255);
      expect(folder).not.toMatch(/\/|\0|[. ]$/);
      const at = folder.indexOf("=");
      if (at >= 0) expect(decodeURIComponent(folder.slice(at + 1))).toBe(value);
    }),
    { numRuns: 300 },
  );
});

test("only NULL has the folder of NULL, and a name is left as it is where it can be", () => {
  expect(partitionFolders({ "Order Date": null, '100% "x"': "a b" }, ["Order Date", '100% "x"'])).toEqual([
    "Order Date=__HIVE_DEFAULT_PARTITION__",
    '100% "x"=a b',
  ]);
  expect(partitionFolders({ p: "__HIVE_DEFAULT_PARTITION__" }, ["p"])[0]).toMatch(/^value-[0-9a-f]{32}$/);
});
