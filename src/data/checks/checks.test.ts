// Every rule against a model of it in plain TypeScript, over generated rows with NULL, NaN and infinities.
import fc from "fast-check";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import type { Check, CheckResult } from "../../core/dataset/check.ts";
import { auditRows } from "./audit.ts";
import { nameChecks } from "./check-definition.ts";
import { compileChecks } from "./checks.ts";

const nowMs = Date.UTC(2026, 0, 2);
const session = useEngineSession();

async function evaluate(relation: string, checks: readonly Check[]): Promise<readonly CheckResult[]> {
  const columns = await session().describe(relation);
  const compiled = await compileChecks(session(), nameChecks(checks), columns);
  await session().defineView("rows", relation);
  const { signal } = new AbortController();
  const audit = {
    session: session(),
    relation,
    columns,
    checks: compiled,
    limits: [],
    quarantinedBy: new Map(),
    nowMs,
    signal,
  };
  return (await auditRows(audit)).results;
}

type Value = number | string | boolean | null;
type Rows = readonly Readonly<Record<string, Value>>[];

const types: Readonly<Record<string, string>> = {
  i: "INTEGER",
  d: "DECIMAL(9,2)",
  f: "DOUBLE",
  r: "FLOAT",
  t: "VARCHAR",
  b: "BOOLEAN",
};
const numbers = ["i", "d", "f", "r"];

const integer = fc.integer({ min: -3, max: 3 });
const quarter = fc.integer({ min: -12, max: 12 }).map((n) => n / 4);
const text = fc.stringMatching(/^[ab'0-2]{0,2}$/);
const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 4, nil: null });
const float = fc.oneof(quarter, fc.constantFrom(Number.NaN, Infinity, -Infinity));
const rowsOf: fc.Arbitrary<Rows> = fc.array(
  fc.record<Record<string, Value>>({
    i: orNull(integer),
    d: orNull(quarter),
    f: orNull(float),
    r: orNull(float),
    t: orNull(text),
    b: orNull(fc.boolean()),
  }),
  { maxLength: 8 },
);

function toSql(rows: Rows): string {
  const literal = (value: Value | undefined, type: string): string => {
    const written = typeof value === "string" ? value.replaceAll("'", "''") : String(value);
    return value === null ? `CAST(NULL AS ${type})` : `CAST('${written}' AS ${type})`;
  };
  const selects = rows.map(
    (row) =>
      `SELECT ${Object.entries(types)
        .map(([name, type]) => `${literal(row[name], type)} AS ${name}`)
        .join(", ")}`,
  );
  const none = Object.entries(types).map(([name, type]) => `CAST(NULL AS ${type}) AS ${name}`);
  return selects.length > 0 ? selects.join(" UNION ALL ") : `SELECT ${none.join(", ")} WHERE false`;
}

/** A check and how many rows of any set break it. */
interface Modelled {
  readonly check: Check;
  readonly failing: (rows: Rows, known: Rows) => number;
}

const same = (left: Value | undefined, right: Value | undefined): boolean => Object.is(left, right) || left === right;
const count = (rows: Rows, breaks: (row: Readonly<Record<string, Value>>) => boolean): number =>
  rows.filter(breaks).length;
const names = fc.constantFrom(...Object.keys(types));

const notNull = fc.uniqueArray(names, { minLength: 1 }).map<Modelled>((columns) => ({
  check: { notNull: columns },
  failing: (rows) => count(rows, (row) => columns.some((name) => row[name] === null)),
}));

const unique = fc.uniqueArray(names, { minLength: 1, maxLength: 2 }).map<Modelled>((columns) => ({
  check: { unique: columns },
  failing: (rows) => {
    const whole = rows.filter((row) => columns.every((name) => row[name] !== null));
    return count(whole, (row) => count(whole, (other) => columns.every((name) => same(row[name], other[name]))) > 1);
  },
}));

const accepted = fc
  .tuple(names, fc.array(fc.oneof(integer, quarter, text, fc.boolean()), { minLength: 1, maxLength: 4 }))
  .map(([name, mixed]) => {
    const kind = numbers.includes(name) ? "number" : name === "t" ? "string" : "boolean";
    return { name, values: mixed.filter((value) => typeof value === kind) };
  })
  .filter(({ values }) => values.length > 0)
  .map<Modelled>(({ name, values }) => ({
    check: { acceptedValues: { [name]: values } },
    failing: (rows) => count(rows, (row) => row[name] !== null && !values.some((value) => same(value, row[name]))),
  }));

const range = fc
  .record({ name: fc.constantFrom(...numbers), min: fc.option(quarter), max: fc.option(quarter), isText: fc.boolean() })
  .filter(({ min, max }) => min !== null || max !== null)
  .map<Modelled>(({ name, min, max, isText }) => {
    const bound = (value: number): number | string => (isText ? String(value) : value);
    const bounds = { ...(min === null ? {} : { min: bound(min) }), ...(max === null ? {} : { max: bound(max) }) };
    const holds = (value: number): boolean => value >= (min ?? -Infinity) && value <= (max ?? Infinity);
    return {
      check: { range: { [name]: bounds } },
      failing: (rows) => count(rows, (row) => row[name] !== null && !holds(row[name] as number)),
    };
  });

const pattern = fc.constantFrom("[ab]+", "a.*", "b?", "[0-2]?", "'").map<Modelled>((source) => ({
  check: { pattern: { t: source } },
  failing: (rows) => count(rows, ({ t }) => typeof t === "string" && !new RegExp(`^(?:${source})$`).test(t)),
}));

const references = fc
  .tuple(names, fc.constantFrom(...numbers))
  .map(([name, other]) => (numbers.includes(name) ? { name, other } : { name, other: name }))
  .map<Modelled>(({ name, other }) => ({
    check: { references: { [name]: `known.${other}` } },
    failing: (rows, known) =>
      count(rows, (row) => row[name] !== null && !known.some((found) => same(found[other], row[name]))),
  }));

const rowCount = fc
  .record({ min: fc.integer({ min: 0, max: 4 }), max: fc.integer({ min: 4, max: 8 }) })
  .map<Modelled>((bounds) => ({
    check: { rowCount: bounds },
    failing: (rows) => (rows.length < bounds.min || rows.length > bounds.max ? 1 : 0),
  }));

const anyRule = fc.oneof(notNull, unique, accepted, range, pattern, references, rowCount);

test("every rule finds the rows that its model finds, over values with NULL, NaN and infinities", async () => {
  await fc.assert(
    fc.asyncProperty(rowsOf, rowsOf, fc.array(anyRule, { minLength: 6, maxLength: 12 }), async (rows, known, rules) => {
      await session().defineView("known", toSql(known));
      const results = await evaluate(
        toSql(rows),
        rules.map(({ check }) => ({ ...check, severity: "warn" as const })),
      );
      const wanted = rules.map(({ failing }) => failing(rows, known));
      expect(results.map(({ failingRows }) => failingRows)).toEqual(wanted);
    }),
    { numRuns: 150 },
  );
});

// value × type × how far after now → whether a limit of one day holds
const hourMs = 3_600_000;
const fresh: readonly [type: string, hours: number, passes: boolean][] = [
  ...["TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_NS", "TIMESTAMP_MS"].flatMap((type) =>
    [-30, -24, -1, 0].map((hours): [string, number, boolean] => [type, hours, hours >= -24]),
  ),
  ["TIMESTAMP WITH TIME ZONE", 0.05, true],
  ["TIMESTAMP WITH TIME ZONE", 0.5, false],
  ["TIMESTAMP", 14, true],
  ["TIMESTAMP", 25, false],
  ["DATE", 24, true],
  ["DATE", 48, false],
  ["DATE", 24 * 365 * 73, false],
  ["TIMESTAMP", 24 * 365 * 73, false],
];

test.each(fresh)("the newest %s %d hours after now is fresh: %s", async (type, hours, passes) => {
  const at = new Date(nowMs + hours * hourMs).toISOString();
  // zone-less types read the text without its Z
  const newest = `CAST('${type.endsWith("ZONE") ? at : at.slice(0, -1)}' AS ${type})`;
  const older = `CAST('2025-12-01' AS ${type})`;
  const relation = `SELECT unnest([${newest}, ${older}, NULL]) AS at`;
  const [result] = await evaluate(relation, [{ freshness: { column: "at", within: "1d" } }]);
  expect(result?.passed).toBe(passes);
});

test.each(["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"])("an infinite %s is not fresh", async (type) => {
  const check: Check = { freshness: { column: "at", within: "1d" } };
  const [later] = await evaluate(`SELECT unnest([CAST('infinity' AS ${type}), DATE '2026-01-02']) AS at`, [check]);
  expect(later).toMatchObject({ passed: false, detail: expect.stringContaining("the newest is later") });
  const [before] = await evaluate(`SELECT unnest([CAST('-infinity' AS ${type}), DATE '2026-01-02']) AS at`, [check]);
  expect(before?.passed).toBe(true);
});

const kinds = [
  "INTEGER",
  "DECIMAL(9,2)",
  "DOUBLE",
  "VARCHAR",
  "BOOLEAN",
  "DATE",
  "TIMESTAMP",
  "UUID",
  "BLOB",
  "INTEGER[]",
];
const comparable = [
  ["INTEGER", "DECIMAL(9,2)", "DOUBLE"],
  ["DATE", "TIMESTAMP"],
];

test.each(kinds.flatMap((from) => kinds.map((to): [string, string] => [from, to])))(
  "a reference from %s to %s is asked when the two compare, else refused by the name of the check",
  async (from, to) => {
    await session().defineView("other", `SELECT CAST(NULL AS ${to}) AS id`);
    const asking = evaluate(`SELECT CAST(NULL AS ${from}) AS id`, [{ references: { id: "other.id" }, name: "known" }]);
    if (from === to || comparable.some((family) => family.includes(from) && family.includes(to))) {
      expect(await asking).toMatchObject([{ passed: true }]);
      return;
    }
    const message = `check \`known\` compares \`id\` of type \`${from}\` with \`other.id\` of type \`${to}\``;
    expect(await expectFailure(asking)).toMatchObject({ code: "SCHEMA_MISMATCH", message });
  },
);

test.each([
  [
    { references: { id: "other.nr" } },
    "SCHEMA_MISMATCH",
    "check `mine` refers to a column that dataset `other` lacks: `nr`",
  ],
  [{ sql: "select * from rows where id = " }, "SQL_INVALID", "check `mine`: "],
  [{ sql: "select * from rows where idd = 1" }, "SQL_INVALID", "check `mine`: "],
  [{ sql: "select * from rows where cast(name as integer) = 1" }, "SQL_FAILED", "check `mine`: "],
  [
    { range: { name: { min: 1 } } },
    "SCHEMA_MISMATCH",
    "check `mine` needs column `name` to be a number, got: `VARCHAR`",
  ],
  [{ acceptedValues: { id: ["one"] } }, "JOB_INVALID", "check `mine`: "],
])("a check that cannot be asked says which one it is: %j", async (rule, code, message) => {
  await session().defineView("other", "SELECT 1 AS id");
  const error = await expectFailure(evaluate("SELECT 1 AS id, 'one' AS name", [{ ...rule, name: "mine" }]));
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
});
