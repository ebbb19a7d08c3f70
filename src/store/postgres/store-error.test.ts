import pg from "pg";
import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import { breaksConnection, describePlace, isTransient, toStoreError } from "./store-error.ts";

const place = "db.example:5432/millrace";

function databaseError(code: string, message = "something"): pg.DatabaseError {
  const error = new pg.DatabaseError(message, message.length, "error");
  error.code = code;
  return error;
}

test.each([
  ["28P01", "STORE_UNAVAILABLE", "password"],
  ["3D000", "STORE_UNAVAILABLE", "no such database"],
  ["25006", "STORE_UNAVAILABLE", "read-only"],
  ["53300", "STORE_UNAVAILABLE", "no connection left"],
  ["57P01", "STORE_UNAVAILABLE", "shutting down"],
  ["42P01", "STORE_UNAVAILABLE", "no tables"],
  ["53100", "DISK_FULL", "no space left"],
  ["22012", "INTERNAL", "something"],
])("what the server says with %s is %s", (sqlState, code, words) => {
  const error = toStoreError(databaseError(sqlState), place);
  expect(error.code).toBe(code);
  expect(error.message).toContain(words);
  if (code !== "INTERNAL") expect(error.message).toContain(place);
  if (code !== "INTERNAL") expect(error.hint).toBeTruthy();
});

test("a server that cannot be reached, or goes away, makes the store unavailable", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
  expect(toStoreError(refused, place).code).toBe("STORE_UNAVAILABLE");
  expect(toStoreError(new AggregateError([refused]), place).code).toBe("STORE_UNAVAILABLE");
  for (const message of ["Connection terminated unexpectedly", "Query read timeout", "timeout expired"]) {
    expect(toStoreError(new Error(message), place).code).toBe("STORE_UNAVAILABLE");
    expect(breaksConnection(new Error(message))).toBe(true);
  }
});

test("errors of our own pass unchanged, and unknown ones are internal", () => {
  const own = new MillraceError("RUN_LOST", "gone");
  expect(toStoreError(own, place)).toBe(own);
  expect(toStoreError(new TypeError("x is undefined"), place).code).toBe("INTERNAL");
});

test("only what was rolled back is transient, and a statement that failed leaves its connection usable", () => {
  expect(["40001", "40P01", "23505"].map((code) => isTransient(databaseError(code)))).toEqual([true, true, true]);
  expect(["57P01", "22012", "25006"].map((code) => isTransient(databaseError(code)))).toEqual([false, false, false]);
  expect(breaksConnection(databaseError("23505"))).toBe(false);
  expect(breaksConnection(databaseError("57P01"))).toBe(true);
  // A server that was made a standby: other connections may lead to its successor.
  expect(breaksConnection(databaseError("25006"))).toBe(true);
});

test("a place says host, port and database, and neither user nor password", () => {
  expect(describePlace("postgres://ada:s3cret@db.example/millrace?sslmode=require")).toBe(place);
  expect(describePlace("postgres://ada:s3cret@/millrace?host=/run/postgres")).toBe("/run/postgres:5432/millrace");
  expect(describePlace("postgres://a:b@c:notaport/d")).toBe("postgres");
});
