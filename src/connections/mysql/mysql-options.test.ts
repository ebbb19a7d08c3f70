import { expect, test } from "vitest";
import type { MillraceError } from "../../core/errors/errors.ts";
import { toMysqlError } from "./mysql-error.ts";
import { toDriverOptions } from "./mysql-options.ts";

test.each([
  ["mysql://me:p%40ss@db:3307/shop", { host: "db", port: 3307, user: "me", password: "p@ss", database: "shop" }],
  ["mariadb://db/shop", { host: "db", port: 3306, database: "shop" }],
  ["mysql://[::1]/shop", { host: "::1", port: 3306, database: "shop" }],
  ["mysql://me@localhost/shop?socket=/run/my.sock", { socketPath: "/run/my.sock", user: "me", database: "shop" }],
  ["mysql://db/shop?ssl-mode=REQUIRED", { ssl: { rejectUnauthorized: false } }],
  ["mysql://db/shop?sslMode=VERIFY_IDENTITY", { ssl: { rejectUnauthorized: true, verifyIdentity: true } }],
])("%s is what the driver needs", (address, expected) => {
  const options = toDriverOptions(new URL(address));
  expect(options).toMatchObject(expected);
  expect({ ...options, ssl: undefined, socketPath: undefined, password: undefined }).toMatchObject({
    charset: "utf8mb4",
    typeCast: false,
    rowsAsArray: true,
  });
});

test("a way to use TLS that is not known is refused, rather than none used", () => {
  expect(() => toDriverOptions(new URL("mysql://db/x?ssl-mode=strict"))).toThrow("`ssl-mode` of a MySQL address");
});

const failure = { place: "db/shop" };

test.each([
  [1045, "ER_ACCESS_DENIED_ERROR", "AUTHENTICATION_FAILED"],
  [1044, "ER_DBACCESS_DENIED_ERROR", "PERMISSION_DENIED"],
  [3948, "ER_CLIENT_LOCAL_FILES_DISABLED", "PERMISSION_DENIED"],
  [1146, "ER_NO_SUCH_TABLE", "SOURCE_MISSING"],
  [1064, "ER_PARSE_ERROR", "SQL_INVALID"],
  [1213, "ER_LOCK_DEADLOCK", "TARGET_CONFLICT"],
  [1412, "ER_TABLE_DEF_CHANGED", "SOURCE_UNREADABLE"],
  [1406, "ER_DATA_TOO_LONG", "REQUEST_REJECTED"],
  [0, "PROTOCOL_CONNECTION_LOST", "SERVICE_UNAVAILABLE"],
])("error %i of the server (%s) is %s", (errno, code, expected) => {
  const thrown = Object.assign(new Error("a value of a row"), { errno, code });
  expect(toMysqlError(thrown, failure)).toMatchObject({ code: expected });
});

test("what the server says of a value is not told, and what is no error of a database passes", () => {
  const thrown = Object.assign(new Error("Incorrect integer value: 'secret row'"), {
    errno: 1366,
    code: "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD",
  });
  const told = toMysqlError(thrown, failure) as MillraceError;
  expect(told.cause).toBeUndefined();
  expect(`${told.message}${told.hint}`).not.toContain("secret row");
  const full = Object.assign(new Error("no space"), { code: "ENOSPC", errno: -28 });
  expect(toMysqlError(full, failure)).toBe(full);
});
