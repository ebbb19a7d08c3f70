// The flights on a real Spark: the same jobs and the same report as on DuckDB, and the same tables.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sharedSparkConnect } from "./shared-spark.ts";
import type { SparkConnect } from "./spark-connect.ts";

const root = join(import.meta.dirname, "../../..");
const example = join(root, "examples/flights");
const started = new AsyncDisposableStack();
let spark: SparkConnect;
let project: string;

beforeAll(async () => {
  spark = started.use(await sharedSparkConnect());
  // inside the repository, where the copy finds the package
  await mkdir(join(root, ".cache/flights-on-spark"), { recursive: true });
  const folder = await mkdtemp(join(root, ".cache/flights-on-spark/run-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  project = join(folder, "flights");
  await cp(example, project, { recursive: true, filter: (file) => !/\/(?:lake|out|\.millrace)$/.test(file) });
});
afterAll(() => started.disposeAsync());

async function millrace(...args: readonly string[]): Promise<string> {
  const node = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", join(root, "src/cli/main.ts")];
  const env = { ...process.env, MILLRACE_ENV: "spark", SPARK_CONNECT: `127.0.0.1:${spark.port}` };
  return (await promisify(execFile)(process.execPath, [...node, ...args], { cwd: project, env })).stdout;
}

test("the doctor sees that Spark computes, and its rows", async () => {
  expect(await millrace("doctor")).toMatch(
    /spark +answers, computes portable SQL, and its rows are seen in .*\.millrace-spark/,
  );
});

test("the flights report the same from Spark as from DuckDB", async () => {
  await millrace("run", "flights");
  expect(await millrace("logs", "last")).toContain("the rows of dataset `on_time_ranking` were computed on spark");
  expect(await readFile(join(project, "out/report.txt"), "utf8")).toBe(
    await readFile(join(example, "expected.txt"), "utf8"),
  );
});
