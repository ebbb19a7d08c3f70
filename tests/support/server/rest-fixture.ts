// The handlers of runs, jobs and the orchestrator over a real store with a real worker, called as the server calls them: the
// request is checked by its schema before, and the answer is held against its schema afterwards.
import { toExpectationRules } from "../../../src/app/expectation-rules.ts";
import { Readable } from "node:stream";
import { z } from "zod";
import type { Contract } from "../../../src/api/contract.ts";
import type { Role } from "../../../src/api/role.ts";
import type { RouteName } from "../../../src/api/routes.ts";
import { schemas } from "../../../src/api/schemas.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobPipeline } from "../../../src/core/job/pipeline.ts";
import { Backfills } from "../../../src/orchestrator/scheduling/backfill.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { Definitions } from "../../../src/project/definitions.ts";
import { checkRequest, type InputSchemas } from "../../../src/server/http/check-request.ts";
import { createHandlers, type SessionRoute } from "../../../src/server/http/create-handlers.ts";
import { isFileStream } from "../../../src/server/file-stream.ts";
import type { CallContext } from "../../../src/server/handler.ts";
import type { ServerServices } from "../../../src/server/server-services.ts";
import { isTextStream } from "../../../src/server/text-stream.ts";
import type { Store } from "../../../src/store/store.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createReplayDesk } from "../../../src/app/streams/replay-desk.ts";
import { listTopics } from "../../../src/app/streams/stream-desk.ts";
import type { Topic } from "../../../src/core/stream/topic.ts";
import { createTestStreamDesk } from "./stream-desk.ts";
import { createWorkerFixture, type WorkerFixture } from "../workers/worker-fixture.ts";

type RouteUnderTest = Exclude<RouteName, SessionRoute>;

export interface RestFixture extends WorkerFixture, RestCaller {}

/** The handlers over any store. */
export interface RestCaller {
  readonly services: ServerServices;
  /** @throws MillraceError as the server would answer it */
  readonly call: <Name extends RouteUnderTest>(
    name: Name,
    request?: RestRequest,
    caller?: Partial<CallContext["caller"]>,
  ) => Promise<Contract[Name]["response"]>;
  /** The code of the refusal. */
  readonly refusal: (name: RouteUnderTest, request?: RestRequest) => Promise<MillraceError>;
}

/** As it came over the wire; nothing is known of it. */
export interface RestRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Disposing it stops its workers and removes its folder. */
export async function createRestFixture(
  definitions: readonly (Job | JobPipeline<string>)[] = [],
): Promise<RestFixture> {
  const fixture = await createWorkerFixture();
  return { ...fixture, ...createRestCaller(fixture.store, definitions) };
}

/** The store stays the caller's. */
export function createRestCaller(
  store: Store,
  definitions: readonly (Job | JobPipeline<string>)[],
  topics: readonly Topic[] = [],
  others: Partial<ServerServices> = {},
): RestCaller {
  const services = { ...createServices(store, definitions, topics), ...others };
  const handlers = createHandlers(services);
  const call: RestCaller["call"] = async (name, request = {}, caller = {}) => {
    const { params = {}, query = {}, body = {} } = request;
    const { response, ...parts }: InputSchemas & { readonly response: z.ZodType } = schemas[name];
    const input = checkRequest(parts, { params, query, body });
    // Each handler takes what the schema of its route lets through.
    const handler = handlers[name] as (input: unknown, context: CallContext) => Promise<unknown>;
    const answer = await handler(input, contextOf(caller));
    const wire = await toWire(answer);
    assertExact(name, response, wire);
    return wire as never;
  };
  return {
    services,
    call,
    refusal: async (name, request) => {
      try {
        await call(name, request);
      } catch (error) {
        if (error instanceof MillraceError) return error;
        throw error;
      }
      throw new Error(`${name} was not refused`);
    },
  };
}

/** What the endpoints are told of any quarantine; the rows are the data layer's business. */
const quarantine: ServerServices["quarantine"] = {
  summarize: async (dataset, { check, run, where } = {}) => ({
    dataset,
    version: 1,
    rows: [check, run, where].filter((part) => part !== undefined).length === 0 ? 3 : 1,
    checks: [{ name: "not_null(email)", rows: 3 }],
    runs: [
      { run: "r1", rows: 2, atMs: 1_767_312_000_000 },
      { run: null, rows: 1, atMs: null },
    ],
    oldestAtMs: 1_767_312_000_000,
  }),
  read: async (_dataset, _selection, limit) => [{ id: 1n, email: null, _reasons: ["not_null(email)"] }].slice(0, limit),
};

/** The same for rows. */
const rows: ServerServices["rows"] = {
  head: async (_dataset, { limit }) => ({
    columns: [{ name: "id", type: "BIGINT" }],
    rows: [{ id: 1n }, { id: 2n }].slice(0, limit),
    hasMore: limit < 2,
  }),
  failed: async () => undefined,
  listTables: async (sql) => /from (\w+)/.exec(sql)?.slice(1) ?? [],
  query: async () => ({ columns: [{ name: "n", type: "INTEGER" }], rows: [{ n: 1 }], hasMore: false }),
  export: async (sql) => {
    const bytes = Buffer.from(`query\n"${sql}"\n`);
    return { size: bytes.length, bytes: Readable.from([bytes]) };
  },
};

/** The same for connections: one is declared, and nothing is ever sent. */
const connections: ServerServices["connections"] = {
  list: async () => [
    {
      name: "github",
      source: "configuration",
      kind: "http",
      address: "https://api.github.com",
      auth: "bearer",
      requests: { limit: 100, windowMs: 60_000 },
    },
  ],
  test: async (name, { url }) => {
    if (name !== "github") throw new MillraceError("CONNECTION_UNKNOWN", `no connection is declared as \`${name}\``);
    if (url === "/away") throw new MillraceError("CONNECTION_FAILED", "GET https://api.github.com/away: refused");
    const address = `https://api.github.com${url}`;
    return { address, isGood: true, outcome: { status: 200, bytes: 12 }, durationMs: 3 };
  },
  add: async (_name, options) => {
    if (typeof options !== "object") throw new MillraceError("CONFIG_INVALID", "expected an object");
    return 1;
  },
  remove: async (name) => name === "crm",
  rekey: async () => ({ renewed: 2, current: 1 }),
};

const notifications: ServerServices["notifications"] = {
  channels: () => new Map([["ops", { slack: { url: "https://hooks.slack.com/services/T0/B0/secret" } }]]),
  test: async () => {
    throw new MillraceError("RATE_LIMITED", "Slack wants a pause");
  },
};

function createServices(
  store: Store,
  defined: readonly (Job | JobPipeline<string>)[],
  topics: readonly Topic[],
): ServerServices {
  const definitions = new Definitions();
  for (const definition of defined) definitions.add(definition, `jobs/${definition.name}.ts`);
  const tenant = "default";
  const backfills = new Backfills(store, tenant);
  const clock = createSystemClock();
  const streams = createTestStreamDesk(store, [...listTopics(definitions.jobs.values()).values(), ...topics]);
  return {
    store,
    project: { name: "test", root: "/nowhere", environment: "staging", isProduction: false },
    version: "0.0.0",
    definitions: () => definitions,
    freshness: () => toExpectationRules({ freshness: {} }, definitions).datasets,
    async submit(name, { again = false, ...options }) {
      const { runKey, ...submission } = toSubmission(definitions.find(name), { tenant, ...options });
      return await store.submit(again || runKey === undefined ? submission : { ...submission, runKey });
    },
    quarantine,
    catalog: { describe: () => Promise.resolve(undefined) },
    connections,
    rows,
    notifications,
    streams,
    replays: createReplayDesk({ store, clock, tenant, definitions: () => definitions, log: () => streams.log() }),
    planBackfill: async (name, scope) => await backfills.plan(definitions.find(name), scope),
    backfill: async (name, request) => await backfills.run(definitions.find(name), request),
  };
}

function contextOf(caller: Partial<CallContext["caller"]>): CallContext {
  return {
    caller: { name: "ada", role: "admin" satisfies Role, tokenId: "t1", ...caller },
    signal: new AbortController().signal,
    requestId: "request",
  };
}

// A field that the schema drops would be missing in the documentation.
function assertExact(name: string, schema: z.ZodType, wire: unknown): void {
  const parsed = schema.safeParse(wire);
  if (!parsed.success) throw new Error(`${name} answered out of its schema: ${z.prettifyError(parsed.error)}`);
  const [described, answered] = [JSON.stringify(sortKeys(parsed.data)), JSON.stringify(sortKeys(wire))];
  if (described !== answered) throw new Error(`${name} answered more than its schema has: ${answered} / ${described}`);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, item]) => [key, sortKeys(item)]);
}

async function readAll(parts: AsyncIterable<string | Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of parts) text += typeof part === "string" ? part : Buffer.from(part).toString("latin1");
  return text;
}

async function toWire(answer: unknown): Promise<unknown> {
  if (isTextStream(answer)) return await readAll(answer.chunks);
  return isFileStream(answer) ? await readAll(answer.bytes) : JSON.parse(JSON.stringify(answer));
}
