// The upload of the ads example is killed, at random and right when the service has carried a request out, and run again: the
// datasets are those of an undisturbed run, and the service has each batch once, under one key.
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAdsService, type AdsService } from "../../examples/ads-upload/ads/service.ts";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { deltaRelation, openDeltaSnapshot } from "../../src/data/delta/delta-table.ts";
import { assertOk, ended, ExampleProject, randomOf } from "../support/cli/example-project.ts";

/** A sample of each kind. */
const randomKills = 2;
// Fixed, so that a failure can be repeated; each kill has its own.
const seed = 20260101;

/** What an undisturbed run leaves here and at the service. */
interface Traces {
  readonly tables: readonly string[];
  /** Customer, rows and a fingerprint of each. */
  readonly uploads: readonly string[];
}

let undisturbed: Traces;
let durationMs: number;
const cleanup = new AsyncDisposableStack();

beforeAll(async () => {
  const service = await open();
  await using project = await createProject(service);
  const startedAtMs = performance.now();
  assertOk(await project.run("run", "ads_upload_flow"));
  durationMs = performance.now() - startedAtMs;
  undisturbed = await tracesOf(project, service);
  expect(undisturbed.uploads).toHaveLength(4);
}, 120_000);

afterAll(() => cleanup.disposeAsync());

test.each([2, 4])(
  "killed when the service has carried out batch %d and not answered, the next attempt goes on there",
  async (batch) => {
    let kill: () => void = () => undefined;
    const service = await open((count) => {
      if (count === batch) kill();
    });
    await using project = await createProject(service);
    const child = project.start("run", "ads_upload_flow");
    kill = () => child.kill("SIGKILL");
    expect(await ended(child)).toBeNull();
    await assertSame(project, service);
    // the batch that was cut off is all that came twice
    expect(service.keys).toHaveLength(5);
  },
  120_000,
);

test.each(Array.from({ length: randomKills }, (_, index) => index))(
  "killed at random moment %d and run again, everything is as if nothing had happened",
  async (index) => {
    const service = await open();
    await using project = await createProject(service);
    const child = project.start("run", "ads_upload_flow");
    const delayMs = ((index + randomOf(seed + index)) / randomKills) * durationMs;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    child.kill("SIGKILL");
    await ended(child);
    await assertSame(project, service);
  },
  120_000,
);

async function open(onUpload?: (count: number) => void): Promise<AdsService> {
  const service = await startAdsService(onUpload === undefined ? {} : { onUpload });
  cleanup.defer(() => service.close());
  return service;
}

/** A copy of the example that talks to the service. */
async function createProject(service: AdsService): Promise<ExampleProject> {
  const project = await ExampleProject.create("ads-upload");
  await writeFile(join(project.path, "ads/url.txt"), service.url);
  return project;
}

/** Goes on with the run, unless it had ended before it could be killed. */
async function assertSame(project: ExampleProject, service: AdsService): Promise<void> {
  const listed = await project.run("runs", "--json");
  const { items } = JSON.parse(listed.stdout) as { items: readonly { readonly state: string }[] };
  if (items.every(({ state }) => state !== "FINISHED")) assertOk(await project.run("run", "ads_upload_flow"));
  expect(await tracesOf(project, service)).toEqual(undisturbed);
  expect(new Set(service.keys).size).toBe(4);
  assertOk(await project.run("verify"));
}

async function tracesOf(project: ExampleProject, { uploads }: AdsService): Promise<Traces> {
  await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
  await using session = await engine.open();
  const tables: string[] = [];
  for (const table of ["conversions", "conversions_errors", "conversions_validation"]) {
    const snapshot = await openDeltaSnapshot(join(project.path, "lake", table), { session });
    const sql = `select count(*) as n, sum(hash(t)) as h from (${deltaRelation(snapshot)}) t`;
    const [row] = await session.query(sql);
    tables.push(`${table}: ${String(row?.["n"])} rows, hash ${String(row?.["h"])}`);
  }
  const sent = uploads.map(({ customer, conversions }) => {
    const print = createHash("sha256").update(JSON.stringify(conversions)).digest("hex");
    return `${customer}: ${conversions.length} rows, ${print}`;
  });
  return { tables, uploads: sent };
}
