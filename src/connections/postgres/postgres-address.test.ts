import { afterEach, expect, test } from "vitest";
import { lendVariables } from "../variables.ts";
import { describeAddress, findNameFault, maskName, resolveAddress } from "./postgres-address.ts";

afterEach(() => lendVariables(() => undefined));

test.each([
  "env:WAREHOUSE_URL",
  "postgresql://me@db:5433/sales",
  "postgres://db/sales",
  "jdbc:postgresql://db/sales?user=me",
])("%s names a database without a secret", (name) => {
  expect(findNameFault(name)).toBeUndefined();
});

test.each([
  "postgresql://me:pass@db/x",
  "jdbc:postgresql://db/x?password=pass",
  "warehouse",
  "env:",
  "env:A B",
  "mysql://db/x",
  "",
])("%s is refused", (name) => {
  expect(findNameFault(name)).toBeTypeOf("string");
  expect(maskName(name)).not.toContain("pass@");
  expect(maskName(name)).not.toContain("=pass");
});

test("a variable gives the whole address, and what it holds is not told", () => {
  lendVariables((name) => ({ GOOD: "jdbc:postgresql://db:5432/x?user=me&password=s3cr%3At", BAD: "s3cr3t" })[name]);
  expect(resolveAddress("env:GOOD")).toBe("postgresql://me:s3cr%3At@db:5432/x");
  expect(describeAddress("env:GOOD")).toBe("env:GOOD");
  expect(() => resolveAddress("env:BAD")).toThrow("`BAD` is no address of a Postgres database");
  expect(() => resolveAddress("env:NONE")).toThrow("the environment variable `NONE` is not set");
});

test("people are told host and database", () => {
  expect(describeAddress("postgresql://me@db:5433/sales?sslmode=require")).toBe("db:5433/sales");
});
