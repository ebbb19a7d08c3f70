import { expect, test, vi } from "vitest";
import { z } from "zod";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { defineJob, type Job, type JobDefinition } from "./job.ts";
import type { JobContext } from "./job-context.ts";
import { defineJobFactory, type JobFactoryDefinition } from "./job-factory.ts";
import { type AttemptEnd, runJob } from "./run-job.ts";

interface Clock {
  readonly now: () => number;
}

const factory = defineJobFactory({
  name: "load_promos_job",
  config: z.object({ redshift_loader_config: z.object({ jdbc_url: z.string(), retries: z.int().default(2) }) }),
  dependencies: { now: () => 1 } satisfies Clock,
  create: ({ redshift_loader_config: { jdbc_url, retries } }, { now }) =>
    defineJob({
      name: "load_promos_job",
      params: z.object({ start_date: z.string().optional() }),
      execute: ({ params }) => ({ jdbc_url, retries, at: now(), from: params.start_date ?? null }),
    }),
});

const configuration = { redshift_loader_config: { jdbc_url: "jdbc:postgresql://db/x" } };

interface Ran {
  readonly end: AttemptEnd;
  readonly told: readonly string[];
}

async function run(job: Job, params: Readonly<Record<string, unknown>>, config?: unknown): Promise<Ran> {
  const told: string[] = [];
  const log = { info: (message: string) => told.push(message) };
  const { signal } = new AbortController();
  const end = await runJob({
    job,
    config,
    params,
    createContext: (checked) => ({ ...checked, log, signal }) as unknown as JobContext,
    onDroppedParam: () => undefined,
    windDown: () => Promise.resolve(),
  });
  return { end, told };
}

test.each([
  ["an object", configuration],
  ["JSON text", JSON.stringify(configuration)],
])("the configuration of a run is %s, with the defaults of its schema", async (_, given) => {
  const { end } = await run(factory, { load_promos_job: given, start_date: "2024-01-01" });
  const result = { jdbc_url: "jdbc:postgresql://db/x", retries: 2, at: 1, from: "2024-01-01" };
  expect(end).toMatchObject({ end: "finished", outcome: { result } });
});

test("without one, that of the project is taken, and without either nothing is loaded", async () => {
  expect((await run(factory, {}, configuration)).end).toMatchObject({ end: "finished" });
  expect((await run(factory, {})).end).toMatchObject({
    end: "failed",
    error: { code: "CONFIG_INVALID", message: "job `load_promos_job` has no configuration" },
  });
});

test("a wrong configuration is refused before anything runs, and its key is named", async () => {
  const wrong = { redshift_loader_config: { jdbc_url: 7 } };
  const refused = "expected `jdbc_url` of `redshift_loader_config` of factory `load_promos_job` to be text, got: `7`";
  expect(expectThrown(() => factory.create(wrong), "CONFIG_INVALID").message).toBe(refused);
  const asParam = factory.params.safeParse({ load_promos_job: wrong });
  expect(asParam.error?.issues).toMatchObject([
    { path: ["load_promos_job", "redshift_loader_config", "jdbc_url"], message: refused },
  ]);
  expect((await run(factory, { load_promos_job: wrong })).end).toMatchObject({ error: { code: "PARAMS_INVALID" } });
  expect((await run(factory, {}, wrong)).end).toMatchObject({ error: { code: "CONFIG_INVALID" } });
});

test("text that is no JSON is refused without being told, since it may hold a password", () => {
  const { message, cause } = expectThrown(() => factory.create('{"password": s3cret'), "CONFIG_INVALID");
  expect(message).toBe("expected the configuration of factory `load_promos_job` to be an object or JSON text");
  expect(cause).toBeUndefined();
});

test("params that the job does not declare are left out, with a notice", async () => {
  const { end, told } = await run(factory, { load_promos_job: configuration, service_provider: "EMR", end_date: "x" });
  expect(end).toMatchObject({ end: "finished" });
  expect(told).toEqual([
    "job `load_promos_job` declares no param `service_provider`, which is left out",
    "job `load_promos_job` declares no param `end_date`, which is left out",
  ]);
});

test("a test gives dependencies of its own", async () => {
  const { end } = await run(factory.create(configuration, { now: () => 42 }), {});
  expect(end).toMatchObject({ outcome: { result: { at: 42 } } });
});

test("the hooks of the job that was made are called with its result and its error", async () => {
  const onSuccess = vi.fn<(ctx: JobContext, result: unknown) => void>();
  const onFailure = vi.fn<(ctx: JobContext, error: Error) => void>();
  const hooked = defineJobFactory({
    name: "hooked",
    config: z.object({ fails: z.boolean() }),
    create: ({ fails }) =>
      defineJob({
        name: "hooked",
        execute: () => {
          if (fails) throw new RangeError("as configured");
          return 7;
        },
        onSuccess,
        onFailure,
      }),
  });
  await run(hooked, { hooked: { fails: false } });
  await run(hooked, { hooked: { fails: true } });
  expect(onSuccess.mock.calls.map(([ctx, result]) => [ctx.config, result])).toEqual([[{ fails: false }, 7]]);
  expect(onFailure.mock.calls.map(([, error]) => error.message)).toEqual(["as configured"]);
});

test("a job that says how its run goes is refused, whichever way it is defined", () => {
  const own = { name: "own", execute: () => 1, run: () => 2 };
  expect(expectThrown(() => defineJob(own), "JOB_INVALID")).toMatchObject({
    message: "job `own` cannot have a `run` of its own: how a run goes is not its to say",
    hint: "write `execute`, `onSuccess` and `onFailure`, which a run calls",
  });
  const made = { name: "own", config: z.object({}), create: () => defineJob(own), run: () => 2 };
  expectThrown(() => defineJobFactory(made as JobFactoryDefinition<"own", object, object>), "JOB_INVALID");
});

test("a `run` that is put on a job afterwards is never called", async () => {
  const job = defineJob({ name: "own", execute: () => 1 } satisfies JobDefinition<"own">);
  expect(Object.isFrozen(job)).toBe(true);
  const mine = vi.fn<() => void>();
  expect((await run({ ...job, run: mine } as Job, {})).end).toMatchObject({ outcome: { result: 1 } });
  expect(mine).not.toHaveBeenCalled();
});

test("a factory that makes a job of another name, or none, is refused", () => {
  const odd = (create: () => unknown): unknown =>
    defineJobFactory({ name: "load", config: z.object({}), create: create as () => Job }).create({});
  expect(expectThrown(() => odd(() => 1), "JOB_INVALID").message).toContain("to return a job `load`, got: `number`");
  const other = defineJob({ name: "other", execute: () => 1 });
  expect(expectThrown(() => odd(() => other), "JOB_INVALID").message).toContain("got: `other`");
});
