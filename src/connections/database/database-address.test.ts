import { afterEach, expect, test } from "vitest";
import { lendVariables } from "../variables.ts";
import { describeAddress, findNameFault, maskName, requireAddress } from "./database-address.ts";
import { findDatabase, lendDatabases } from "./find-database.ts";

afterEach(() => lendVariables(() => undefined));

test.each([
  "env:WAREHOUSE_URL",
  "postgresql://me@db:5433/sales",
  "postgres://db/sales",
  "jdbc:postgresql://db/sales?user=me",
  "mysql://me@db/x",
  "jdbc:mariadb://db/x?user=me",
  "postgresql://me:${env:WAREHOUSE_PASSWORD}@db/x",
])("%s names a database without a secret", (name) => {
  expect(findNameFault(name, ["postgres", "mysql"])).toBeUndefined();
});

test.each([
  "postgresql://me:pass@db/x",
  "jdbc:postgresql://db/x?password=pass",
  "warehouse",
  "env:",
  "env:A B",
  "jdbc:sqlserver://db",
  "mysql://me:pass@db/x",
  "postgresql://me:${env:}@db/x",
  "",
])("%s is refused", (name) => {
  expect(findNameFault(name, ["postgres", "mysql"])).toBeTypeOf("string");
  expect(maskName(name)).not.toContain("pass@");
  expect(maskName(name)).not.toContain("=pass");
});

test("a variable gives the whole address, and what it holds is not told", async () => {
  lendVariables((name) => ({ GOOD: "jdbc:postgresql://db:5432/x?user=me&password=s3cr%3At", BAD: "s3cr3t" })[name]);
  const { kind, url } = await findDatabase("env:GOOD");
  expect([kind, url.href]).toEqual(["postgres", "postgresql://me:s3cr%3At@db:5432/x"]);
  expect(describeAddress("env:GOOD")).toBe("env:GOOD");
  await expect(findDatabase("env:BAD", "postgres")).rejects.toThrow("`BAD` is no address of a Postgres database");
  await expect(findDatabase("env:GOOD", "mysql")).rejects.toThrow("`GOOD` is no address of a MySQL database");
  await expect(findDatabase("env:NONE")).rejects.toThrow("the environment variable `NONE` is not set");
});

test("a variable gives the password alone, whatever characters it has", async () => {
  lendVariables((name) => (name === "WAREHOUSE_PASSWORD" ? "p@ss:/%" : undefined));
  const { url } = await findDatabase("postgresql://me:${env:WAREHOUSE_PASSWORD}@db/x", "postgres");
  expect([url.username, decodeURIComponent(url.password), url.host]).toEqual(["me", "p@ss:/%", "db"]);
  await expect(findDatabase("postgresql://me:${env:NONE}@db/x")).rejects.toThrow("`NONE` is not set");
});

test.each([
  ["jdbc:mysql://db:3307/shop?user=me&password=p%40ss", "mysql://me:p%40ss@db:3307/shop"],
  ["jdbc:mariadb://db/shop", "mariadb://db/shop"],
])("%s is the address of a MySQL database", async (name, address) => {
  const { kind, url } = await findDatabase(name);
  expect([kind, url.href]).toEqual(["mysql", address]);
});

test("a connection is asked for its database, which must be of the kind that is wanted", async () => {
  lendDatabases(async (name) => requireAddress(`mysql://${name}/shop`, "mysql", name));
  expect((await findDatabase("connection:db", "mysql")).url.href).toBe("mysql://db/shop");
  await expect(findDatabase("connection:db", "postgres")).rejects.toThrow(
    "connection `db` is no Postgres database, got: MySQL",
  );
});

test("people are told host and database", () => {
  expect(describeAddress("postgresql://me@db:5433/sales?sslmode=require")).toBe("db:5433/sales");
});
