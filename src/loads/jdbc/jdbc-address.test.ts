import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { databaseKinds } from "../../connections/database/database-address.ts";
import { toDatabaseChoice } from "./jdbc-address.ts";
import type { JdbcOptions } from "./jdbc-options.ts";

const wanted = { kinds: databaseKinds, example: "jdbc:postgresql://host:5432/database" };
const place = { where: "job `load`", path: ["redshift_loader_config"], dataset: "t" };
const choose = (options: JdbcOptions): object => toDatabaseChoice(options, wanted, place);

test.each<[JdbcOptions, object]>([
  [{ jdbc_url: "jdbc:postgresql://db:5432/x" }, { url: "postgresql://db:5432/x" }],
  [{ jdbc_url: "jdbc:mysql://db/x?user=me&useSSL=true" }, { url: "mysql://me@db/x?useSSL=true" }],
  [
    { jdbc_url: "jdbc:mariadb://db/x", properties: { ssl: "true", driver: "org.mariadb.jdbc.Driver" } },
    { url: "mariadb://db/x?sslmode=required" },
  ],
  [
    {
      jdbc_url: "jdbc:postgresql://db/x",
      properties: { user: "a b@c", password: "${env:PW}", ssl: true, fetchsize: "10" },
    },
    { url: "postgresql://a%20b%40c:%24%7Benv%3APW%7D@db/x?sslmode=verify-full" },
  ],
  [{ jdbc_url: "${env:DWH_URL}" }, { url: "env:DWH_URL" }],
  [{ connection: "dwh" }, { connection: "dwh" }],
])("%j is %j", (options, choice) => {
  expect(choose(options)).toEqual(choice);
});

test.each<[JdbcOptions, string]>([
  [
    { jdbc_url: "postgresql://db/x" },
    "expected `jdbc_url` of `redshift_loader_config` of job `load` to be an address such as",
  ],
  [{ jdbc_url: "jdbc:postgresql:x" }, "to be an address such as"],
  [{ jdbc_url: "jdbc:postgresql://db/x?password=s3cret" }, "got: `jdbc:postgresql://db/x?password=***`"],
  [{ jdbc_url: "jdbc:postgresql://me:s3cret@db/x" }, "got: `jdbc:postgresql://me:***@db/x`"],
  [
    { jdbc_url: "jdbc:postgresql://db/x?stringtype=unspecified" },
    "an address with no other parameters than `user`, `sslmode`, without `stringtype`",
  ],
  [
    { jdbc_url: "jdbc:postgresql://db/x", properties: { driver: "com.mysql.cj.jdbc.Driver" } },
    "expected `driver` of `redshift_loader_config.properties` of job `load` to be a driver of Postgres",
  ],
  [
    { jdbc_url: "${env:DWH_URL}", properties: { user: "me" } },
    "expected `properties` of `redshift_loader_config` of job `load` to be left out beside a whole address",
  ],
])("%j is refused, and no password is told", (options, message) => {
  const refused = expectThrown(() => choose(options), "JOB_INVALID");
  expect(refused.message).toContain(message);
  expect(JSON.stringify([refused.message, refused.hint, refused.details])).not.toContain("s3cret");
});
