// The rows that show whether portable SQL means the same to two engines: values at the edges of what columns hold, as SQL that both
// engines read the same way.

type Value = string | number | boolean | null;

const types = {
  id: "integer",
  i: "integer",
  b: "bigint",
  x: "double",
  m: "decimal(12, 4)",
  g: "string",
  t: "string",
  day: "date",
  ts: "timestamp",
  flag: "boolean",
} as const;

/** Columns of `edges`: `g` for groups, `id` without NULLs, then one of each kind. */
export const edgesSql: string = toSelect(
  ["g", "id", "i", "b", "x", "m", "t", "day", "ts", "flag"],
  [
    ["'a'", 1, 5, 5, "0.5e0", 1.25, "'abc'", "2024-02-29", "2024-02-29 12:30:45.123456", true],
    ["'a'", 2, null, null, null, null, null, null, null, null],
    ["'a'", 3, -7, -7000000000, "-2.5e0", -2.5, "''", "1969-12-31", "1969-12-31 23:59:59.999999", false],
    ["'b'", 4, 0, 0, "0e0", 0, "' in spaces  '", "2000-01-01", "2000-01-01 00:00:00", null],
    ["'b'", 5, 2147483, "9007199254740993", "1e20", 99999.9999, "'a,b,c'", "9999-11-30", "9999-11-30 23:59:59", true],
    ["'b'", 6, 3, 3, "1.005e0", 1.005, "'Straße'", "2021-01-03", "2021-01-03 08:00:00.5", false],
    ["'c'", 7, 3, 3, "2.5e0", 2.5, "'ÄÖÜ é İ ΑΣ'", "2020-12-31", "2020-12-31 23:59:59.001", true],
    ["'c'", 8, 2, -2, "-0.5e0", -0.5, "'🙂 b🙂'", "1900-01-01", "1900-01-01 00:00:01", false],
    ["null", 9, 1, 1, "0.1e0", 0.0001, "'\tin tabs\n'", "2023-12-31", "2023-12-31 12:00:00", true],
    ["null", 10, 4, 4, "1e-7", 0.4999, "'\u00a0no break\u00a0'", "2024-03-31", "2024-03-31 02:30:00", null],
    ["'d'", 11, 4, 4, "123456789.125e0", -0.005, "'100%'", "2024-12-30", "2024-12-30 00:00:00", true],
    ["'e'", 13, 6, -9, "'NaN'", 1.5, "'NaN'", "2024-01-01", "2024-01-01 00:00:00", false],
    ["'e'", 14, -6, 8, "'-Infinity'", 3.5, "'i''s'", "2023-01-01", "2023-01-01 23:59:59.9", null],
    ["'d'", 12, -1, -1, "-1e15", -1.25, "'e\u0301\\_x'", "0001-01-01", "0001-01-01 00:00:00", false],
  ],
);

/** Some have an `id` of `edges`. */
export const labelsSql: string =
  "select cast(id as integer) as id, name from (values (1, 'one'), (2, 'two'), (2, null), (77, 'none')) as v(id, name)";

function toSelect(names: readonly (keyof typeof types)[], rows: readonly (readonly Value[])[]): string {
  const written = rows.map((row) => `(${row.map((value, place) => toCell(names[place] ?? "g", value)).join(", ")})`);
  return `select * from (values ${written.join(", ")}) as edges(${names.join(", ")})`;
}

function toCell(name: keyof typeof types, value: Value): string {
  const type = types[name];
  const isTime = (type === "date" || type === "timestamp") && value !== null;
  return `cast(${isTime ? `'${value}'` : value} as ${type})`;
}
