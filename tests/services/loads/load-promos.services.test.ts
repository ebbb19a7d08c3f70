// The example of promotions where a warehouse has them: deliveries and staged files in a bucket of S3, the table in Postgres. The
// job is the one of the embedded default; only its configuration is another one.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { authority } from "../../support/http/certificates.ts";
import { startVersitygw, type Versitygw } from "../files/versitygw.ts";
import { mailAccount, type PythonService, startMailServer } from "../notifications/python-service.ts";

const root = join(import.meta.dirname, "../../..");
const started = new AsyncDisposableStack();
let bucket: Versitygw;
let warehouse: TestDatabase;
let project: string;
let mail: PythonService;

beforeAll(async () => {
  bucket = started.use(await startVersitygw());
  mail = started.use(await startMailServer());
  warehouse = started.use(await createTestDatabase({ migrated: false }));
  await mkdir(join(root, ".cache/load-promos"), { recursive: true });
  const folder = await mkdtemp(join(root, ".cache/load-promos/run-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  project = join(folder, "load-promos");
  await cp(join(root, "examples/load-promos"), project, { recursive: true });
  const connections = JSON.stringify({ lake: bucket.connection });
  const config = `export default { name: "load-promos", jobs: ["jobs", "dwh/jobs"], connections: ${connections} };\n`;
  await writeFile(join(project, "millrace.config.ts"), config);
});
afterAll(() => started.disposeAsync());

async function millrace(...args: string[]): Promise<string> {
  const node = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", join(root, "src/cli/main.ts")];
  const account = { MAIL_PASSWORD: mailAccount.password, MAIL_AUTHORITY: authority };
  const env = { ...process.env, DWH_URL: warehouse.url, ...account };
  return (await promisify(execFile)(process.execPath, [...node, ...args], { cwd: project, env })).stdout;
}

test("the same job loads S3 and Postgres, and a second run changes nothing", async () => {
  await millrace("run", "promo_deliveries");
  const delivered = JSON.stringify(join(project, "out/deliveries/promos.parquet"));
  await bucket.boto3(`s3.upload_file(${delivered}, bucket, "deliveries/promos.parquet")`);
  const load = ["exec", "--module_name", "dwh.jobs.load_promos.load_promos_job_factory"];
  const flags = ["--config_uri", "config/postgres-s3.json", "--start_date", "2024-01-01", "--created_by", "airflow"];
  const first = JSON.parse(await millrace(...load, ...flags)) as unknown;
  expect(first).toMatchObject({ state: "FINISHED", result: { loads: [{ rows: 1912, changed: true }] } });
  const second = JSON.parse(await millrace(...load, ...flags)) as unknown;
  expect(second).toMatchObject({ state: "FINISHED", result: { loads: [{ version: 1, changed: false }] } });
  const [row] = await warehouse.query(
    `select count(*)::int as n, sum(budget) filter (where is_current)::text as budget from dwh.promos`,
  );
  expect(row).toEqual({ n: 1912, budget: "18424600.00" });
  const staged = await bucket.boto3(
    `print(s3.head_object(Bucket=bucket, Key="stage/promos/promos.parquet")["ContentLength"])`,
  );
  expect(Number(staged)).toBeGreaterThan(10_000);
});

test("people are told by mail when the configuration names a mail server in the place of nobody", async () => {
  const configuration = await readFile(join(project, "config/postgres-s3.json"), "utf8");
  const told = {
    notification_service: "EMAIL",
    host: "127.0.0.1",
    port: mail.port,
    user: mailAccount.user,
    password: "${env:MAIL_PASSWORD}",
    authorities: "${env:MAIL_AUTHORITY}",
    from: "millrace@example.com",
    to: ["dwh@example.com"],
  };
  const { load_promos_job: keys } = JSON.parse(configuration) as { load_promos_job: object };
  const load = ["exec", "--module_name", "dwh.jobs.load_promos.load_promos_job_factory"];
  const config = { ...keys, job_success_notifications: told, job_failed_notifications: told };
  const succeeded = once(mail.lines, "line");
  await millrace(...load, "--load_promos_job", JSON.stringify(config), "--created_by", "airflow");
  const [good] = (await succeeded) as [string];
  expect(JSON.parse(good)).toMatchObject({ to: ["dwh@example.com"], encrypted: true });
  expect(good).toContain("load_promos_job");
  const away = { ...config, redshift_loader_config: { strategy: "POSTGRES", connection: "nowhere", table: "t" } };
  const failed = once(mail.lines, "line");
  await expect(millrace(...load, "--load_promos_job", JSON.stringify(away))).rejects.toThrow("nowhere");
  const [bad] = (await failed) as [string];
  expect(bad).toContain("nowhere");
});

test("what a run has to say is what the embedded default says, but for where rows went", async () => {
  await millrace("run", "promos_report");
  const said = await readFile(join(project, "out/report.txt"), "utf8");
  const expected = await readFile(join(root, "examples/load-promos/expected.txt"), "utf8");
  expect(said).toBe(expected.replace("delta, parquet, sqlite", "delta, parquet, postgres"));
});
