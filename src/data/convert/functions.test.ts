// Functions of a job, and encryption: what happens in this process.
import { createDecipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import { convert, fieldKey, typesOf } from "../../../tests/support/data/convert.ts";
import { useEngineSession } from "../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import type { ConvertRow } from "../../core/dataset/convert-step.ts";
import { MillraceError } from "../../core/errors/errors.ts";

const session = useEngineSession();

const everyType = `SELECT 9007199254740993 AS big, 170141183460469231731687303715884105727 AS huge,
  12345678901234567.89::DECIMAL(38,2) AS amount, 0.1::DOUBLE AS d, 'NaN'::DOUBLE AS nan, true AS b, DATE '2026-01-31' AS day,
  TIMESTAMP '2026-01-31 10:00:00.123456' AS local, TIMESTAMPTZ '2026-01-31 10:00:00+00' AS at, '00123' AS text,
  '2026-01-31' AS date_text, [1, NULL, 3] AS list, {a: 1.50::DECIMAL(9,2), "b c": ['x']} AS o, MAP {'k': 1} AS m,
  '\\x00\\xFF'::BLOB AS bytes, UUID 'f47ac10b-58cc-4372-a567-0e02b2c3d479' AS id, NULL::INTEGER AS nothing`;

test("a function that changes nothing changes nothing: no digit, no type and no NULL", async () => {
  const before = await convert(session(), everyType, []);
  const after = await convert(session(), everyType, [(row) => row]);
  expect(after.rows).toEqual(before.rows);
  // a column without a value does not tell its type, but keeps it
  expect(typesOf(after.columns)).toEqual(typesOf(await session().describe(everyType)));
});

test("values come as they are in `ctx.sql`", async () => {
  const seen: ConvertRow[] = [];
  await convert(session(), everyType, [(row) => void seen.push(row)]);
  expect(seen[0]).toMatchObject({
    big: 9_007_199_254_740_993n,
    amount: "12345678901234567.89",
    day: "2026-01-31",
    list: [1, null, 3],
  });
});

test("a row may become several rows, or none, and new columns have the types of their values", async () => {
  const { rows, columns } = await convert(session(), "SELECT range AS id FROM range(3)", [
    ({ id }) =>
      id === 0n
        ? undefined
        : [
            {
              id,
              n: 1,
              x: 0.5,
              ok: true,
              at: new Date(0),
              tags: ["a"],
              o: { a: 1n, b: null },
              big: 2n ** 70n,
              none: null,
            },
            { id, n: 2n, x: 2, ok: null, tags: [], o: { a: null, b: "x" } },
          ],
    { filter: { id: 1 } },
  ]);
  expect(typesOf(columns)).toEqual({
    id: "BIGINT",
    n: "BIGINT",
    x: "DOUBLE",
    ok: "BOOLEAN",
    at: "TIMESTAMP WITH TIME ZONE",
    tags: "VARCHAR[]",
    o: "STRUCT(a BIGINT, b VARCHAR)",
    big: "HUGEINT",
    none: "VARCHAR",
  });
  expect(rows).toEqual([
    {
      id: 1n,
      n: 1n,
      x: 0.5,
      ok: true,
      at: "1970-01-01T00:00:00Z",
      tags: ["a"],
      o: { a: 1n, b: null },
      big: 2n ** 70n,
      none: null,
    },
    { id: 1n, n: 2n, x: 2, ok: null, at: null, tags: [], o: { a: null, b: "x" }, big: null, none: null },
  ]);
});

test("a column whose values are others keeps its type while they have it, and takes theirs when they do not", async () => {
  const sql = "SELECT 1.50::DECIMAL(9,2) AS kept, 1 AS changed, 2 AS declared";
  const { rows, columns } = await convert(session(), sql, [
    { map: (row) => ({ ...row, kept: 2.25, changed: "x", declared: 7 }), columns: { declared: "DECIMAL(9,3)" } },
  ]);
  expect(typesOf(columns)).toEqual({ kept: "DECIMAL(9,2)", changed: "VARCHAR", declared: "DECIMAL(9,3)" });
  expect(rows).toEqual([{ kept: "2.25", changed: "x", declared: "7.000" }]);
});

test("lists of rows have the size that is said, and what a function holds back comes with its flush", async () => {
  const sizes: number[] = [];
  const held: ConvertRow[] = [];
  const { rows } = await convert(session(), "SELECT range AS id FROM range(5003)", [
    {
      mapBatch: async (given) => {
        sizes.push(given.length);
        held.push(...given.slice(0, 1));
        return given.slice(1);
      },
      size: 2_000,
      flush: () => held,
    },
    { sql: "select count(*) as n, count(distinct id) as ids from source" },
  ]);
  expect(sizes).toEqual([2_000, 2_000, 1_003]);
  expect(rows).toEqual([{ n: 5_003n, ids: 5_003n }]);
});

test("no row in and no row out leaves the columns as they were", async () => {
  const { rows, columns } = await convert(session(), "SELECT 1 AS a, 'x' AS b WHERE false", [(row) => row]);
  expect([rows, typesOf(columns)]).toEqual([[], { a: "INTEGER", b: "VARCHAR" }]);
});

test.each([
  [
    "values of several kinds",
    (row: ConvertRow) => ({ n: row["id"] === 0n ? 1 : "x" }),
    "CONVERT_FAILED",
    "step 1 (`map`): column `n` has values of several kinds: integer, text",
  ],
  [
    "what is no row",
    () => "x" as never,
    "CONVERT_FAILED",
    "step 1 (`map`): expected a function to return rows, which are objects, got: `x`",
  ],
  [
    "a function as a value",
    () => ({ f: () => 1 }),
    "CONVERT_FAILED",
    "step 1 (`map`): column `f` cannot hold a function",
  ],
] as const)("%s is refused by name", async (_name, map, code, message) => {
  const error = await expectFailure(convert(session(), "SELECT range AS id FROM range(2)", [map]));
  expect(error).toMatchObject({ code, message });
});

test("what a function throws keeps its kind and says which row it was", async () => {
  const sql = "SELECT range AS id FROM range(3000)";
  const failing =
    (error: Error) =>
    ({ id }: ConvertRow): undefined => {
      if (id === 2_500n) throw error;
    };
  const plain = await expectFailure(convert(session(), sql, [failing(new TypeError("boom"))]));
  expect(plain).toMatchObject({ code: "JOB_FAILED", message: "step 1 (`map`), row 2501: boom" });
  const own = new MillraceError("RATE_LIMITED", "later", { retryAfterMs: 5 });
  const limited = await expectFailure(convert(session(), sql, [failing(own)]));
  expect(limited).toMatchObject({ code: "RATE_LIMITED", disposition: "retry", retryAfterMs: 5 });
});

test("what is encrypted opens with the key, for its column alone, by anybody who knows the format", async () => {
  const { rows } = await convert(
    session(),
    "SELECT * FROM (VALUES (1, 'æ@x.no'), (2, NULL), (3, 'æ@x.no')) t(id, email)",
    [{ encrypt: ["email"] }],
  );
  const sealed = String(rows[0]?.["email"]);
  expect(rows[1]?.["email"]).toBeNull();
  expect(rows[2]?.["email"]).not.toBe(sealed);
  const [mark = "", keyId = "", text = ""] = sealed.split(".");
  const key = Buffer.from(hkdfSync("sha256", fieldKey, "", "millrace fields", 32));
  expect([mark, keyId]).toEqual(["mr1", createHash("sha256").update(key).digest("hex").slice(0, 8)]);
  const open = (column: string): string => {
    const bytes = Buffer.from(text, "base64url");
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(`mr1.${keyId}.${column}`)).setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString();
  };
  expect(open("email")).toBe("æ@x.no");
  expect(() => open("other")).toThrow("unable to authenticate");
});

test("what is encrypted comes back, also objects and lists, as texts", async () => {
  const sql = "SELECT 12.50::DECIMAL(9,2) AS n, {a: [1, 2]} AS o, repeat('x', 100000) AS long";
  const { rows } = await convert(session(), sql, [{ encrypt: ["n", "o", "long"] }, { decrypt: ["n", "O", "long"] }]);
  expect(rows).toEqual([{ n: "12.50", o: '{"a":[1,2]}', long: "x".repeat(100_000) }]);
});

test.each([
  ["another column's", "SELECT email AS other", "other", "a value of column `other` is not what was encrypted for it"],
  [
    "a changed",
    "SELECT email[:-3] || 'AA' AS email",
    "email",
    "a value of column `email` is not what was encrypted for it",
  ],
  ["another key's", "SELECT replace(email, 'mr1.', 'mr1.0') AS email", "email", "was encrypted with another key: `0"],
  ["no sealed", "SELECT 'plain' AS email", "email", "a value of column `email` is not what was encrypted for it"],
] as const)("%s value does not open", async (_name, select, column, message) => {
  const steps = [{ encrypt: ["email"] }, { sql: `${select} from source` }, { decrypt: [column] }];
  const failing = convert(session(), "SELECT 'a@x.no' AS email", steps);
  const error = await expectFailure(failing);
  expect(error.code).toBe("SECRET_UNREADABLE");
  expect(error.message).toContain(message);
});

test("a hash is an HMAC under a key of its own, which is part of no statement", async () => {
  const { rows } = await convert(session(), "SELECT 'a@x.no' AS email", [{ mask: { email: "hash" } }]);
  const key = Buffer.from(hkdfSync("sha256", fieldKey, "", "millrace hashes", 32));
  expect(rows[0]?.["email"]).toBe(createHmac("sha256", key).update("a@x.no").digest("hex"));
});
