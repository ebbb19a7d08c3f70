// Connections to databases at the command line and in jobs: the password that one was registered with is in nothing that is printed
// or stored.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CommandLine, createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres/postgres-test-database.ts";

const canary = "canary-0815-database";

let database: TestDatabase;
let project: string;
let commandLine: CommandLine;

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  await database.query("create table orders as select i as id, 'order ' || i as note from generate_series(1, 3) i");
  project = await writeInsideProject({
    "jobs/copy.ts": `import { integrationJob } from "millrace";
      export default integrationJob({
        name: "copy_orders",
        source: { sql: { connection: "warehouse", table: "orders" } },
        output: { dataset: "orders", postgres: { connection: "warehouse", schema: "copies" } },
      });`,
  });
  commandLine = createCommandLine(project);
});

afterEach(async () => {
  await rm(project, { recursive: true });
  await database[Symbol.asyncDispose]();
});

async function register(connection: object): ReturnType<CommandLine["run"]> {
  const file = join(project, "warehouse.json");
  await writeFile(file, JSON.stringify(connection));
  const result = await commandLine.run("connections", "add", "warehouse", "--file", file, "--replace");
  await rm(file);
  return result;
}

test("a source and a target name a registered database, whose password is nowhere to be read", async () => {
  expect(await register({ postgres: { url: database.url, password: canary } })).toMatchObject({ exitCode: 0 });
  const run = await commandLine.run("run", "copy_orders", "--json");
  expect(run).toMatchObject({ exitCode: 0 });
  expect(await database.query("select count(*)::int as n from copies.orders")).toEqual([{ n: 3 }]);
  const shown = await commandLine.run("datasets", "show", "orders", "--json");
  expect(shown.stdout).toContain("connection:warehouse");
  const rows = await commandLine.run("datasets", "head", "orders", "--json");
  expect(rows.stdout).toContain("order 3");
  const list = await commandLine.run("connections");
  expect(list.stdout).toMatch(/warehouse +127\.0\.0\.1:\d+\/\S+ +postgres +store +ok/);
  const found = await commandLine.run("connections", "test", "warehouse");
  expect(found).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^127\S+: PostgreSQL \d/) as string });
  const store = await Promise.all(
    (await readdir(join(project, ".millrace")))
      .filter((name) => name.startsWith("store"))
      .map((name) => readFile(join(project, ".millrace", name), "latin1")),
  );
  const all = [run, shown, rows, list, found].flatMap(({ stdout, stderr }) => [stdout, stderr]);
  expect([...all, ...store].join("\n")).not.toContain(canary);
});

test("databases that cannot be reached, and a connection of two kinds, are told without the password", async () => {
  await register({ postgres: { url: `postgresql://me:${canary}@127.0.0.1:1/x` } });
  const gone = await commandLine.run("connections", "test", "warehouse");
  expect(gone.stderr).toContain("Postgres at `connection:warehouse` cannot be reached");
  await register({ mysql: { url: `mysql://me:${canary}@127.0.0.1:1/x` } });
  const other = await commandLine.run("connections", "test", "warehouse");
  expect(other.stderr).toContain("MySQL at `connection:warehouse` cannot be reached: ECONNREFUSED");
  const wrong = await register({ postgres: { url: `mysql://me:${canary}@127.0.0.1:1/x` }, mysql: { url: canary } });
  expect(wrong.stderr).toContain("exactly one of `http`, `s3`, `sftp`, `webhdfs`, `postgres` and `mysql`");
  expect([gone, other, wrong].map(({ stdout, stderr }) => stdout + stderr).join("\n")).not.toContain(canary);
});
