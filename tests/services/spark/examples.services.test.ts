// Examples on a real Spark, with one flag: the same jobs and the same report as on this machine.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sharedSparkConnect } from "./shared-spark.ts";
import type { SparkConnect } from "./spark-connect.ts";

const root = join(import.meta.dirname, "../../..");
const started = new AsyncDisposableStack();
let spark: SparkConnect;
let folder: string;

beforeAll(async () => {
  spark = started.use(await sharedSparkConnect());
  // inside the repository, where copies find the package
  await mkdir(join(root, ".cache/on-spark"), { recursive: true });
  folder = await mkdtemp(join(root, ".cache/on-spark/run-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
});
afterAll(() => started.disposeAsync());

/** A copy of an example, as the repository has it. */
async function copyOf(name: string): Promise<string> {
  const project = join(folder, name);
  const own = (file: string): boolean => !/\/(?:lake|out|\.millrace)$/.test(file);
  await cp(join(root, "examples", name), project, { recursive: true, filter: own });
  return project;
}

async function millrace(project: string, ...args: readonly string[]): Promise<string> {
  const node = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", join(root, "src/cli/main.ts")];
  const env = { ...process.env, MILLRACE_ENV: "spark", SPARK_CONNECT: `127.0.0.1:${spark.port}` };
  return (await promisify(execFile)(process.execPath, [...node, ...args], { cwd: project, env })).stdout;
}

const onSpark = /were computed on Spark|on executors of Spark/;

test.each([
  ["flights", "flights"],
  ["page-hits", "page_hits_flow"],
])("the example %s reports the same from Spark as from this machine", async (name, pipeline) => {
  const project = await copyOf(name);
  const doctor = await millrace(project, "doctor");
  expect(doctor).toMatch(/spark +answers, computes portable SQL, and its rows are seen in .*\.millrace-spark/);
  await millrace(project, "run", pipeline);
  expect(await millrace(project, "logs", "last")).toMatch(onSpark);
  const expected = await readFile(join(root, "examples", name, "expected.txt"), "utf8");
  expect(await readFile(join(project, "out/report.txt"), "utf8")).toBe(expected);
});
