import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as arrow from "apache-arrow";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { SourceRows } from "../source-rows.ts";
import { unpackLz4 } from "./lz4.ts";
import { arrowRows } from "./relation.ts";

const session = useEngineSession();
const folder = useTemporaryFolder("arrow");

async function open(bytes: Uint8Array): Promise<SourceRows> {
  const path = join(folder(), "a.arrow");
  await writeFile(path, bytes);
  return await arrowRows(session(), [path], join(folder(), "spool"));
}

async function refuse(bytes: Uint8Array): Promise<string> {
  const error = await expectFailure(open(bytes));
  expect(error.code).toBe("SOURCE_UNREADABLE");
  return error.message.replaceAll(join(folder(), "/"), "");
}

const words = (unscaled: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, word) =>
    Number((BigInt.asUintN(256, unscaled) >> BigInt(word * 32)) & 0xffffffffn),
  );

/** Columns by their buffers, so that no value goes through the package. */
function exactTable(): arrow.Table {
  const decimal = (precision: number, scale: number, bits: number, values: readonly bigint[]): arrow.Vector =>
    arrow.makeVector(
      arrow.makeData({
        type: new arrow.Decimal(scale, precision, bits),
        length: values.length,
        data: Uint32Array.from(values.flatMap((value) => words(value, bits / 32))),
      }),
    );
  const instants = (type: arrow.Timestamp, values: readonly bigint[]): arrow.Vector =>
    arrow.makeVector(arrow.makeData({ type, length: values.length, data: BigInt64Array.from(values) }));
  return new arrow.Table({
    narrow: decimal(38, 10, 128, [123456789012345678901234567890n, -1n]),
    wide: decimal(76, 2, 256, [150n, -(10n ** 75n)]),
    ns: instants(new arrow.TimestampNanosecond(), [1_700_000_000_123_456_789n, -1n]),
    us: instants(new arrow.TimestampMicrosecond("Europe/Berlin"), [1_700_000_000_123_456n, -1n]),
    id: arrow.vectorFromArray([9007199254740993n, null], new arrow.Int64()),
    name: arrow.vectorFromArray(["a", "b"]),
  });
}

test.each(["file", "stream"] as const)(
  "a %s has every value exactly, whatever the package makes of it",
  async (kind) => {
    const bytes = arrow.tableToIPC(exactTable(), kind);
    const { sql = "", rowCount } = await open(bytes);
    expect((await session().describe(sql)).map(({ type }) => type)).toEqual([
      "DECIMAL(38,10)",
      "VARCHAR",
      "TIMESTAMP_NS",
      "TIMESTAMP WITH TIME ZONE",
      "BIGINT",
      "VARCHAR",
    ]);
    const found = await session().query(`select columns(*)::varchar from (${sql})`);
    expect([rowCount, found.map((row) => Object.values(row))]).toEqual([
      2,
      [
        [
          "12345678901234567890.1234567890",
          "1.50",
          "2023-11-14 22:13:20.123456789",
          "2023-11-14 22:13:20.123456+00",
          "9007199254740993",
          "a",
        ],
        [
          "-0.0000000001",
          `-1${"0".repeat(73)}.00`,
          "1969-12-31 23:59:59.999999999",
          "1969-12-31 23:59:59.999999+00",
          null,
          "b",
        ],
      ],
    ]);
    for (const end of [bytes.length - 1, bytes.length - 9, Math.floor(bytes.length / 2), 20]) {
      expect(await refuse(bytes.subarray(0, end))).toMatch(/^reading `a.arrow`: /);
    }
  },
);

test("a file without rows has its columns, and what is no Arrow file is refused", async () => {
  const empty = arrow.tableToIPC(exactTable().slice(0, 0), "file");
  const { sql = "", rowCount } = await open(empty);
  expect([await session().query(sql), rowCount]).toEqual([[], 0]);
  expect(await refuse(Buffer.from("id,name\n1,a\n"))).toContain("it does not begin as one");
  expect(await refuse(new Uint8Array())).toContain("it does not begin as one");
});

test("a type that a table cannot hold is refused with its column", async () => {
  const union = arrow.makeVector(
    arrow.makeData({
      type: new arrow.SparseUnion([0], [new arrow.Field("i", new arrow.Int32(), true)]),
      length: 1,
      typeIds: Int8Array.of(0),
      children: [arrow.makeData({ type: new arrow.Int32(), length: 1, data: Int32Array.of(1) })],
    }),
  );
  expect(await refuse(arrow.tableToIPC(new arrow.Table({ u: union }), "file"))).toContain(
    "column `u` has the type `Union",
  );
});

test("an lz4 frame is unpacked, and one that was cut, changed, or grows beyond its limit is refused", () => {
  // "abcabcabcabc" as three letters and a place to repeat, and a block that is not packed
  const block = [0x35, 0x61, 0x62, 0x63, 3, 0];
  const frame = Uint8Array.from([
    4,
    0x22,
    0x4d,
    0x18,
    0x60,
    0x40,
    0x82,
    block.length,
    0,
    0,
    0,
    ...block,
    2,
    0,
    0,
    0x80,
    0x78,
    0x79,
    0,
    0,
    0,
    0,
  ]);
  expect(Buffer.from(unpackLz4(frame, 100)).toString()).toBe("abcabcabcabcxy");
  for (let end = 0; end < frame.length; end += 1)
    expect(() => unpackLz4(frame.subarray(0, end), 100)).toThrow("damaged");
  expect(() => unpackLz4(frame, 10)).toThrow("larger than 10 bytes");
  expect(() =>
    unpackLz4(
      Uint8Array.from(frame, (byte, at) => (at === 15 ? 9 : byte)),
      100,
    ),
  ).toThrow("damaged");
});
