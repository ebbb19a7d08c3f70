// Types of columns on both sides.
import { expect, test } from "vitest";
import { expectThrown } from "../../../../tests/support/expect-thrown.ts";
import { MessageFields } from "../connect/message-fields.ts";
import { MessageWriter } from "../connect/message-writer.ts";
import { toEngineColumns, toSparkColumns } from "./spark-types.ts";

test.each([
  ["INTEGER", "INT"],
  ["UBIGINT", "DECIMAL(20,0)"],
  ["DECIMAL(18,2)", "DECIMAL(18,2)"],
  ["VARCHAR[]", "ARRAY<STRING>"],
  ["TIMESTAMP", "TIMESTAMP_NTZ"],
  ["TIMESTAMP WITH TIME ZONE", "TIMESTAMP_LTZ"],
  ['STRUCT("a b" BIGINT, c MAP(VARCHAR, DOUBLE))', "STRUCT<`a b`: BIGINT, `c`: MAP<STRING, DOUBLE>>"],
])("%s is %s on Spark", (type, expected) => {
  expect(toSparkColumns("t", [{ name: "x", type }])).toEqual([{ quoted: "`x`", type: expected, queried: expected }]);
});

test("a time without a zone that files hold as an instant is cast", () => {
  const columns = toSparkColumns("t", [{ name: "a`b", type: "TIMESTAMP", isStoredAsInstant: true }]);
  expect(columns).toEqual([{ quoted: "`a``b`", type: "TIMESTAMP_LTZ", queried: "TIMESTAMP_NTZ" }]);
});

test.each(["HUGEINT", "TIME", "UUID", "INTERVAL", "TIME[]", "STRUCT(a UUID)"])(
  "%s is refused with its column",
  (type) => {
    const error = expectThrown(() => toSparkColumns("orders", [{ name: "x", type }]), "SCHEMA_MISMATCH");
    expect(error.message).toContain(`\`x ${type}\``);
  },
);

const kind = (field: number, value = new MessageWriter()): MessageWriter => new MessageWriter().message(field, value);
const named = (name: string, type: MessageWriter): MessageWriter => new MessageWriter().text(1, name).message(2, type);
const schemaOf = (type: MessageWriter): MessageFields =>
  new MessageFields(kind(21, new MessageWriter().message(1, named("x", type))).finish());

test.each([
  ["BIGINT", kind(7)],
  ["DECIMAL(18,2)", kind(10, new MessageWriter().whole(1, 2).whole(2, 18))],
  ["TIMESTAMP", kind(16)],
  ["VARCHAR[]", kind(20, new MessageWriter().message(1, kind(11)))],
  ["MAP(VARCHAR, DOUBLE)", kind(22, new MessageWriter().message(1, kind(11)).message(2, kind(9)))],
  ['STRUCT("a" DATE)', kind(21, new MessageWriter().message(1, named("a", kind(14))))],
])("Spark's type is %s here", (expected, type) => {
  expect(toEngineColumns(schemaOf(type))).toEqual([{ name: "x", type: expected }]);
});

test("a type that no file has is refused with its column", () => {
  expect(expectThrown(() => toEngineColumns(schemaOf(kind(17))), "SQL_INVALID").message).toContain("`x`");
});
