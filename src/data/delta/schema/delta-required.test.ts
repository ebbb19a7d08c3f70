// A column or nested field that another writer made required takes no null: in structs, lists and maps as well.
import { randomUUID } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { DeltaType } from "./delta-schema.ts";

const folder = useTemporaryFolder("delta-required");
const session = useEngineSession();

/** A table as another writer made it, with one column `c`. */
async function makeTable(type: DeltaType, nullable: boolean): Promise<string> {
  const table = join(folder(), randomUUID(), "table");
  const schemaString = JSON.stringify({ type: "struct", fields: [{ name: "c", type, nullable, metadata: {} }] });
  const metaData = { id: "t", format: { provider: "parquet" }, schemaString, partitionColumns: [] };
  const lines = [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }];
  await mkdir(join(table, "_delta_log"), { recursive: true });
  const log = join(table, "_delta_log", `${"0".repeat(20)}.json`);
  await writeFile(log, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return table;
}

interface Shape {
  readonly type: DeltaType;
  readonly sqlType: string;
  readonly full: string;
  /** Values with a null at a place that the shape requires. */
  readonly broken: readonly (readonly [value: string, place: string])[];
  /** Values with a null where it is allowed. */
  readonly allowed: readonly string[];
}

const scalar: Shape = { type: "long", sqlType: "BIGINT", full: "1", broken: [], allowed: [] };

/** Shapes around another: what is inside is required there. */
const wraps: readonly ((inner: Shape) => Shape)[] = [
  ({ type, sqlType, full, broken, allowed }) => ({
    type: { type: "struct", fields: [{ name: "it's", type, nullable: false, metadata: {} }] },
    sqlType: `STRUCT("it's" ${sqlType})`,
    full: `{'it''s': ${full}}`,
    broken: [
      ["{'it''s': null}", ".it's"],
      ...broken.map(([value, at]) => [`{'it''s': ${value}}`, `.it's${at}`] as const),
    ],
    allowed: allowed.map((value) => `{'it''s': ${value}}`),
  }),
  ({ type, sqlType, full, broken, allowed }) => ({
    type: { type: "array", elementType: type, containsNull: false },
    sqlType: `${sqlType}[]`,
    full: `[${full}]`,
    broken: [[`[${full}, null]`, ".element"], ...broken.map(([value, at]) => [`[${value}]`, `.element${at}`] as const)],
    allowed: ["[]", ...allowed.map((value) => `[${value}]`)],
  }),
  ({ type, sqlType, full, broken, allowed }) => ({
    type: { type: "map", keyType: "string", valueType: type, valueContainsNull: false },
    sqlType: `MAP(VARCHAR, ${sqlType})`,
    full: `map {'k': ${full}}`,
    broken: [
      ["map {'k': null}", ".value"],
      ...broken.map(([value, at]) => [`map {'k': ${value}}`, `.value${at}`] as const),
    ],
    allowed: ["map {}", ...allowed.map((value) => `map {'k': ${value}}`)],
  }),
  // a struct that may be null around something required
  ({ type, sqlType, full, broken, allowed }) => ({
    type: { type: "struct", fields: [{ name: "s", type, nullable: true, metadata: {} }] },
    sqlType: `STRUCT(s ${sqlType})`,
    full: `{s: ${full}}`,
    broken: broken.map(([value, at]) => [`{s: ${value}}`, `.s${at}`] as const),
    allowed: ["{s: null}", ...allowed.map((value) => `{s: ${value}}`)],
  }),
];

const once = wraps.map((wrap) => wrap(scalar));
const twice = wraps.flatMap((wrap) => once.map(wrap));
const shapes = [scalar, ...once, ...twice, wraps.reduce((inner, wrap) => wrap(inner), scalar)];
const tables = shapes.flatMap((shape) => [true, false].map((nullable) => ({ ...shape, nullable })));

test.each(tables)("$sqlType with nullable $nullable takes what its schema allows", async (shape) => {
  const { type, sqlType, full, nullable } = shape;
  const table = await makeTable(type, nullable);
  const put = (value: string): ReturnType<typeof publish> =>
    publish(session(), table, `select cast(${full} as ${sqlType}) as c union all select cast(${value} as ${sqlType})`);
  const broken = [...shape.broken, ...(nullable ? [] : ([["null", ""]] as const))];
  for (const [value, place] of broken) {
    const error = await expectFailure(put(value));
    expect(error).toMatchObject({
      code: "SCHEMA_MISMATCH",
      message: `the table allows no null here, got: \`c${place}\``,
    });
  }
  expect(await readdir(join(table, "_delta_log"))).toHaveLength(1);
  for (const value of [full, ...shape.allowed, ...(nullable ? ["null"] : [])]) await put(value);
});

test("a required partition column takes no null, and a required column must be among the rows", async () => {
  const table = await makeTable("long", false);
  const missing = publish(session(), table, "select 'x' as other");
  expect((await expectFailure(missing)).message).toBe("the table allows no null here, got: `c`");
});
