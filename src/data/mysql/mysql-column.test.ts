import { expect, test } from "vitest";
import type { MysqlField } from "../../connections/mysql/mysql-session.ts";
import { type MysqlReading, selectTexts, toMysqlColumn } from "./mysql-column.ts";

function field(typeId: number, more: Partial<MysqlField> = {}): MysqlField {
  const none = { length: 0, decimals: 0, isUnsigned: false, isBinary: false, isJson: false, extended: "" };
  return { name: "c", typeId, ...none, ...more };
}

// as MariaDB 10.11 describes the columns of a table
test.each<[string, string, MysqlField, MysqlReading?]>([
  ["TINYINT", "tinyint(1)", field(1, { length: 1 })],
  ["UINTEGER", "mediumint unsigned", field(9, { length: 8, isUnsigned: true })],
  ["UBIGINT", "bigint unsigned", field(8, { length: 20, isUnsigned: true })],
  ["DECIMAL(38,2)", "decimal(38,2)", field(246, { length: 40, decimals: 2 })],
  ["DECIMAL(38,0)", "decimal(38,0) unsigned", field(246, { length: 38, isUnsigned: true })],
  ["VARCHAR", "decimal(65,30)", field(246, { length: 67, decimals: 30 })],
  ["VARCHAR", "decimal(39,0)", field(246, { length: 40 })],
  ["BOOLEAN", "bit(1)", field(16, { length: 1, isUnsigned: true, isBinary: true })],
  ["UBIGINT", "bit(8)", field(16, { length: 8, isUnsigned: true, isBinary: true })],
  ["VARCHAR", "time", field(11, { isBinary: true })],
  ["TIMESTAMP WITH TIME ZONE", "timestamp", field(7, { isBinary: true })],
  ["TIMESTAMP", "datetime(6)", field(12, { isBinary: true, decimals: 6 })],
  ["BLOB", "varbinary(10)", field(253, { length: 10, isBinary: true })],
  ["VARCHAR", "set", field(254, { length: 12 })],
  ["JSON", "json of MariaDB", field(252, { isJson: true })],
  ["JSON", "json of MySQL", field(245, { isJson: true, isBinary: true })],
  ["UUID", "uuid", field(254, { length: 144, extended: "uuid" })],
  ["VARCHAR", "inet6", field(254, { length: 156, extended: "inet6" })],
  ["BOOLEAN", "tinyint(1) with a note", field(1), { noted: "BOOLEAN" }],
  ["TIMESTAMP WITH TIME ZONE", "datetime with a note", field(12), { noted: "TIMESTAMP WITH TIME ZONE" }],
  ["INTEGER", "int with a note of another type", field(3), { noted: "BOOLEAN" }],
  ["INTEGER", "int with a note that is none of ours", field(3), { noted: "BLOB" }],
])("%s is the type of %s", (type, _declared, from, reading = {}) => {
  expect(toMysqlColumn(from, reading).type).toBe(type);
});

test("bytes come as hex, and numbers of four bytes with all of their digits", () => {
  const columns = [field(252, { isBinary: true }), field(4), field(16, { length: 9 }), field(253)].map((one) =>
    toMysqlColumn(one),
  );
  expect(selectTexts(columns, "`t`", ["a", "b", "c", "d`"])).toBe(
    "SELECT HEX(`a`) AS c0, (`b` + 0e0) AS c1, (`c` + 0) AS c2, `d``` AS c3 FROM `t`",
  );
});

test.each([255, 242])("a column of type %i, which has no text, is refused by name", (typeId) => {
  expect(() => toMysqlColumn(field(typeId, { name: "place" }))).toThrow("column `place` is of the type");
});

test("only a date can stand for none", () => {
  const condition = (typeId: number, zeroDatesAreNull: boolean): string | undefined =>
    toMysqlColumn(field(typeId), { zeroDatesAreNull }).standsForNull?.("x");
  expect(condition(10, true)).toContain("regexp_matches(x");
  expect(condition(10, false)).toBeUndefined();
  expect(condition(253, true)).toBeUndefined();
});
