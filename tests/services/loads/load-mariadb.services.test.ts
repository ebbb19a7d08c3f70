// Load jobs between tables of a real MariaDB: what they read there and write there, when it is away, and when their process is killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { LoadJobDefinition } from "../../../src/loads/load-job.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { runLoad } from "../../support/data/load-and-die.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { type MariaDbServer, startMariaDb } from "../mariadb/mariadb-server.ts";

let server: MariaDbServer;
let database: string;
let project: DataProject;

beforeAll(async () => {
  server = await startMariaDb();
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  project = await DataProject.create();
  database = await server.createDatabase();
  await server.query("create table promos_in (id int primary key, name varchar(20), budget decimal(12,2))", database);
  await server.query("insert into promos_in values (1, 'one', 10.50), (2, 'two', null)", database);
});
afterEach(() => project[Symbol.asyncDispose]());

function jdbc(kind: "mysql" | "mariadb"): string {
  const { host, pathname, username } = new URL(server.url(database));
  return `jdbc:${kind}://${host}${pathname}?user=${username}`;
}

function define(config: object = {}): LoadJobDefinition {
  return {
    name: "promos",
    extractor_config: { strategy: "JDBC", jdbc_url: jdbc("mariadb"), source_table: "promos_in" },
    transform: "select id, upper(name) as name, budget from source",
    redshift_loader_config: {
      strategy: "MYSQL",
      jdbc_url: jdbc("mysql"),
      table: "promos",
      properties: { driver: "com.mysql.cj.jdbc.Driver" },
      ...config,
    },
  };
}

const loaded = async (): Promise<unknown> =>
  await server.query("select id, name, cast(budget as char) as budget from promos order by id", database);

const rows = [
  { id: 1, name: "ONE", budget: "10.50" },
  { id: 2, name: "TWO", budget: null },
];

test("rows of a table are in another one, with every digit, and a run that is repeated changes nothing", async () => {
  expect((await runLoad(project, define())).loads).toMatchObject([{ rows: 2, changed: true }]);
  expect(await loaded()).toEqual(rows);
  expect((await runLoad(project, define(), { runId: 2 })).loads).toMatchObject([{ version: 1, changed: false }]);
  expect(await loaded()).toEqual(rows);
});

test("a table that is not there, and a server that is away, are errors that leave what was loaded", async () => {
  await runLoad(project, define());
  const away = define({ jdbc_url: "jdbc:mysql://127.0.0.1:1/dwh" });
  expect((await expectFailure(runLoad(project, away, { runId: 2 }))).code).toBe("SERVICE_UNAVAILABLE");
  const missing = { ...define(), extractor_config: { ...define().extractor_config, source_table: "nothing" } };
  expect((await expectFailure(runLoad(project, missing, { runId: 3 }))).code).toBe("SOURCE_MISSING");
  expect(await loaded()).toEqual(rows);
});

test.each(["mysql:written", "mysql:committed"])(
  "killed at %s, the rows are there once after the next attempt",
  async (moment) => {
    const script = fileURLToPath(new URL("../../support/data/load-and-die.ts", import.meta.url));
    const args = [...process.execArgv, script, project.root, "1", moment, JSON.stringify(define())];
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    await once(child, "close");
    expect(child.signalCode).toBe("SIGKILL");
    await runLoad(project, define(), { epoch: 2 });
    expect(await loaded()).toEqual(rows);
  },
);
