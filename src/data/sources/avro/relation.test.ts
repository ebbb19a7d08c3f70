import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateRawSync, zstdCompressSync } from "node:zlib";
import avsc from "avsc";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { SourceRows } from "../source-rows.ts";
import { avroRows } from "./relation.ts";

const session = useEngineSession();
const folder = useTemporaryFolder("avro");
const mark = Buffer.alloc(16, 7);

/** Longs are bigints. */
const exactLongs = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

function long(value: number): Buffer {
  return avsc.Type.forSchema("long").toBuffer(value);
}

function bytesOf(value: Uint8Array | string): Buffer {
  return Buffer.concat([long(Buffer.from(value).length), Buffer.from(value)]);
}

/** Literals alone, in parts of up to 60 bytes. */
function packSnappy(plain: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from(varint(plain.length))];
  for (let at = 0; at < plain.length; at += 60) {
    const part = plain.subarray(at, at + 60);
    parts.push(Buffer.from([(part.length - 1) << 2]), part);
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(plain));
  return Buffer.concat([...parts, sum]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

const packers: Readonly<Record<string, (plain: Buffer) => Buffer>> = {
  null: (plain) => plain,
  deflate: deflateRawSync,
  zstandard: zstdCompressSync,
  snappy: packSnappy,
};

/** What the writer does not know, and bytes do not show. */
function withoutLogical(schema: object): avsc.Schema {
  return JSON.parse(JSON.stringify(schema), (_, value: unknown) => {
    const { type, logicalType } = Object(value) as { readonly type?: unknown; readonly logicalType?: unknown };
    return logicalType === undefined || type === "fixed" ? value : type;
  }) as avsc.Schema;
}

function container(schema: object, blocks: readonly (readonly unknown[])[], codec = "null"): Buffer {
  const type = avsc.Type.forSchema(withoutLogical(schema), { registry: { long: exactLongs }, wrapUnions: true });
  const meta = [bytesOf("avro.schema"), bytesOf(JSON.stringify(schema)), bytesOf("avro.codec"), bytesOf(codec)];
  const packed = blocks.map((rows) => {
    const bytes = packers[codec]?.(Buffer.concat(rows.map((row) => type.toBuffer(row)))) ?? Buffer.alloc(0);
    return Buffer.concat([long(rows.length), bytesOf(bytes), mark]);
  });
  return Buffer.concat([Buffer.from("Obj\u0001"), long(2), ...meta, long(0), mark, ...packed]);
}

async function open(...files: readonly Uint8Array[]): Promise<SourceRows> {
  const paths = files.map((_, index) => join(folder(), `${index}.avro`));
  for (const [index, bytes] of files.entries()) await writeFile(paths[index] ?? "", bytes);
  return await avroRows(session(), paths, join(folder(), "spool"));
}

async function read(...files: readonly Uint8Array[]): Promise<unknown> {
  const { sql = "" } = await open(...files);
  return await session().query(sql);
}

async function refuse(file: Uint8Array): Promise<string> {
  const error = await expectFailure(open(file));
  expect(error.code).toBe("SOURCE_UNREADABLE");
  return error.message.replaceAll(join(folder(), "/"), "");
}

function record(fields: Readonly<Record<string, unknown>>): object {
  return { type: "record", name: "Row", fields: Object.entries(fields).map(([name, type]) => ({ name, type })) };
}

test("each type of a schema is a type of the engine, and every value the one that was written", async () => {
  const schema = record({
    big: "long",
    flag: "boolean",
    small: ["null", "int"],
    share: "double",
    raw: "bytes",
    text: "string",
    side: { type: "enum", name: "Side", symbols: ["LEFT", "RIGHT"] },
    tags: { type: "array", items: "string" },
    sizes: { type: "map", values: "long" },
    home: ["null", record2("Home", { city: "string", keys: { type: "array", items: "bytes" } })],
  });
  const row = {
    big: 9007199254740993n,
    flag: true,
    small: null,
    share: 0.1,
    raw: Buffer.from([0, 255]),
    text: 'é"\n\\N',
    side: "RIGHT",
    tags: ["a", "b"],
    sizes: { x: -9223372036854775808n },
    home: { Home: { city: "Ulm", keys: [Buffer.from([1])] } },
  };
  const { sql = "" } = await open(container(schema, [[row], [{ ...row, small: { int: -5 }, home: null }]]));
  expect(Object.fromEntries((await session().describe(sql)).map(({ name, type }) => [name, type]))).toEqual({
    big: "BIGINT",
    flag: "BOOLEAN",
    small: "INTEGER",
    share: "DOUBLE",
    raw: "BLOB",
    text: "VARCHAR",
    side: "VARCHAR",
    tags: "VARCHAR[]",
    sizes: "MAP(VARCHAR, BIGINT)",
    home: "STRUCT(city VARCHAR, keys BLOB[])",
  });
  expect(
    await session().query(
      `select * replace (hex(raw) as raw, home::varchar as home, sizes::varchar as sizes) from (${sql})`,
    ),
  ).toEqual([
    {
      big: 9007199254740993n,
      flag: true,
      small: null,
      share: 0.1,
      raw: "00FF",
      text: 'é"\n\\N',
      side: "RIGHT",
      tags: ["a", "b"],
      sizes: "{x=-9223372036854775808}",
      home: String.raw`{'city': Ulm, 'keys': [\x01]}`,
    },
    {
      big: 9007199254740993n,
      flag: true,
      small: -5,
      share: 0.1,
      raw: "00FF",
      text: 'é"\n\\N',
      side: "RIGHT",
      tags: ["a", "b"],
      sizes: "{x=-9223372036854775808}",
      home: null,
    },
  ]);
});

function record2(name: string, fields: Readonly<Record<string, unknown>>): object {
  return { ...record(fields), name };
}

test("logical types are what they mean, with every digit", async () => {
  const logical = (type: unknown, logicalType: string, more: object = {}): object => ({ type, logicalType, ...more });
  const fixed = (name: string, size: number): object => ({ type: "fixed", name, size });
  const schema = record({
    price: logical("bytes", "decimal", { precision: 20, scale: 2 }),
    cost: { ...fixed("Cost", 4), logicalType: "decimal", precision: 9, scale: 3 },
    wide: logical("bytes", "decimal", { precision: 50, scale: 1 }),
    day: logical("int", "date"),
    at: logical("long", "timestamp-micros"),
    ms: logical("long", "timestamp-millis"),
    ns: logical("long", "timestamp-nanos"),
    local: logical("long", "local-timestamp-micros"),
    time: logical("long", "time-micros"),
    lasts: { ...fixed("Lasts", 12), logicalType: "duration" },
    id: logical("string", "uuid"),
    other: logical("int", "colour"),
  });
  const duration = Buffer.alloc(12);
  duration.writeUInt32LE(14, 0);
  duration.writeUInt32LE(3, 4);
  duration.writeUInt32LE(1500, 8);
  const row = {
    price: Buffer.from([0xff, 0x6a]),
    cost: Buffer.from([0, 0, 4, 0xd2]),
    wide: Buffer.alloc(20, 0x11),
    day: -719_162,
    at: -1n,
    ms: 1_700_000_000_123n,
    ns: 1_700_000_000_123_456_789n,
    local: 0n,
    time: 86_399_999_999n,
    lasts: duration,
    id: "00112233-4455-6677-8899-aabbccddeeff",
    other: 7,
  };
  const { sql = "" } = await open(container(schema, [[row]]));
  expect((await session().describe(sql)).map(({ type }) => type)).toEqual([
    "DECIMAL(20,2)",
    "DECIMAL(9,3)",
    "VARCHAR",
    "DATE",
    "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP_NS",
    "TIMESTAMP",
    "TIME",
    "INTERVAL",
    "UUID",
    "INTEGER",
  ]);
  const [found = {}] = await session().query(`select columns(*)::varchar from (${sql})`);
  expect(Object.values(found)).toEqual([
    "-1.50",
    "1.234",
    "9743344248872686121357898884775220131039550286.5",
    "0001-01-01",
    "1969-12-31 23:59:59.999999+00",
    "2023-11-14 22:13:20.123+00",
    "2023-11-14 22:13:20.123456789",
    "1970-01-01 00:00:00",
    "23:59:59.999999",
    "1 year 2 months 3 days 00:00:01.5",
    "00112233-4455-6677-8899-aabbccddeeff",
    "7",
  ]);
});

test("a value of a union is the one of its branch, whatever other branches there are", async () => {
  const wrap = (branch: string, value: unknown): object => ({ v: { [branch]: value }, n: { [branch]: value } });
  const schema = record({ v: ["null", "int", "long"], n: ["null", "int", "long", "string"] });
  const { sql = "" } = await open(
    container(schema, [[wrap("int", 1), wrap("long", 2n ** 60n), { v: null, n: { string: "x" } }]]),
  );
  expect(await session().query(sql)).toEqual([
    { v: 1n, n: "1" },
    { v: 2n ** 60n, n: "1152921504606846976" },
    { v: null, n: "x" },
  ]);
});

test("files are united by name, and a column without a value waits for its type", async () => {
  const first = container(record({ id: "int", none: "null" }), [[{ id: 1, none: null }]]);
  const second = container(record({ id: "long", extra: "string" }), [[{ id: 2n, extra: "x" }]]);
  const { sql = "", untyped, warnings, rowCount } = await open(first, second);
  expect(await session().query(sql)).toEqual([
    { id: 1n, none: null, extra: null },
    { id: 2n, none: null, extra: "x" },
  ]);
  expect([untyped, rowCount]).toEqual([["none"], 2]);
  expect(warnings.join("\n").replaceAll(join(folder(), "/"), "")).toBe(
    "column `none` is missing in `1.avro`\ncolumn `extra` is missing in `0.avro`",
  );
});

const rows = Array.from({ length: 5000 }, (_, index) => ({ id: BigInt(index), name: `name ${index}` }));
const people = record({ id: "long", name: "string" });

test.each(Object.keys(packers))(
  "blocks that are packed with %s are read, and one that was cut or changed is refused",
  async (codec) => {
    const file = container(people, [rows.slice(0, 3000), rows.slice(3000)], codec);
    expect(await read(file)).toEqual(rows);
    for (const end of [file.length - 1, file.length - 17, Math.floor(file.length / 2), 100]) {
      expect(await refuse(file.subarray(0, end))).toMatch(/^reading `0.avro`: /);
    }
    const changed = Buffer.from(file);
    changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 0xff;
    if (codec !== "null") expect(await refuse(changed)).toMatch(/^reading `0.avro`: /);
    const marked = Buffer.from(file);
    marked[marked.length - 3] = 0;
    expect(await refuse(marked)).toContain("its mark is another one");
  },
);

test("what is no Avro file, or packed in a way that is not known, is refused by name", async () => {
  expect(await refuse(Buffer.from("id,name\n1,a\n"))).toBe(
    "reading `0.avro`: it is no Avro file: it does not begin as one",
  );
  expect(await refuse(new Uint8Array())).toContain("it does not begin as one");
  expect(await refuse(container(people, [], "bzip2"))).toContain(
    "packed with `bzip2`, of which there is no reader here",
  );
  const tree = record2("Tree", { next: ["null", "Tree"] });
  expect(await refuse(container(tree, [[{ next: null }]]))).toContain("the record `Tree` is within itself");
});

test("a file with a header alone has no row, and its columns", async () => {
  const { sql = "", rowCount } = await open(container(people, []));
  expect([await session().query(sql), rowCount]).toEqual([[], 0]);
});
