// The shop with its topics on a real Kafka: the same jobs, the same steps and the same report as with topics in the store; and what it
// produced is there for Kafka's own consumer.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KafkaBroker, startKafka } from "./kafka-broker.ts";

const root = join(import.meta.dirname, "../../..");
const example = join(root, "examples/shop");
const started = new AsyncDisposableStack();
let broker: KafkaBroker;
let project: string;

beforeAll(async () => {
  broker = started.use(await startKafka());
  // inside the repository, where the copy finds the package
  await mkdir(join(root, ".cache/shop"), { recursive: true });
  const folder = await mkdtemp(join(root, ".cache/shop/run-"));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  project = join(folder, "shop");
  await cp(example, project, { recursive: true });
  await writeFile(join(project, "shop/broker.txt"), broker.address);
});
afterAll(() => started.disposeAsync());

async function millrace(args: readonly string[]): Promise<void> {
  const node = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", join(root, "src/cli/main.ts")];
  const env = { ...process.env, MILLRACE_ENV: "kafka" };
  await promisify(execFile)(process.execPath, [...node, ...args], { cwd: project, env });
}

test("the shop reports the same with its topics on Kafka as with its topics in the store", async () => {
  const steps = (await readFile(join(example, "steps.txt"), "utf8")).split("\n");
  for (const step of steps.filter((line) => line !== "" && !line.startsWith("#"))) await millrace(step.split(/\s+/));
  const expected = await readFile(join(example, "expected.txt"), "utf8");
  expect(await readFile(join(project, "out/report.txt"), "utf8")).toBe(expected);
  const products = (await broker.consume("products", 24)).map((line) => JSON.parse(line) as { productId: string });
  expect(new Set(products.map(({ productId }) => productId)).size).toBe(24);
  expect(products).toHaveLength(24);
});
