// Every route with generated requests: right by its schema, with something changed, or hostile altogether. Whatever is asked, no
// answer is a 500, answers fit their schema, and refusals are problems.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Problem } from "../../../src/api/problem.ts";
import { type RouteEntry, type RouteName, routes } from "../../../src/api/routes.ts";
import { schemas } from "../../../src/api/schemas.ts";
import type { InputSchemas } from "../../../src/server/http/check-request.ts";
import { anyText, type JsonSchema, valueOf } from "./schema-arbitrary.ts";
import type { TestServer } from "./test-server.ts";

export interface FuzzedServer {
  readonly test: TestServer;
  /** Ids of runs that exist. */
  readonly runIds: readonly string[];
  close(): Promise<void>;
}

export interface FuzzRoutesOptions {
  readonly open: () => Promise<FuzzedServer>;
  /** A sample, of other requests each time: `npm run fuzz` makes a thousand. */
  readonly requestsPerRoute: number;
}

const entries = Object.entries(routes) as [RouteName, RouteEntry][];
const atOnce = 25;

/** Suites of a test file. It fails when a route was left out, and when hardly anything was accepted. */
export function describeFuzzedRoutes({ open, requestsPerRoute: sample }: FuzzRoutesOptions): void {
  const requestsPerRoute = Number(process.env["MILLRACE_FUZZ_REQUESTS"] ?? sample);
  let server: FuzzedServer;
  let covered = 0;
  const accepted = new Set<RouteName>();

  beforeAll(async () => {
    server = await open();
  });

  afterAll(async () => {
    await server.close();
    expect(covered).toBe(entries.length * requestsPerRoute);
    // Requests that are all refused would prove little. Some routes are about what this store has none of.
    expect(accepted.size / entries.length).toBeGreaterThan(0.6);
  });

  describe("the fuzzed routes", () => {
    it("are all of the table", () => {
      expect(entries.length).toBeGreaterThan(50);
      expect(Object.keys(schemas).toSorted()).toEqual(entries.map(([name]) => name).toSorted());
    });
  });

  describe.each(entries)("%s", (name, entry) => {
    it("answers whatever it is asked", { timeout: 180_000 }, async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const { test, runIds } = server;
      const requests = fc.sample(requestOf(name, entry, runIds), { numRuns: requestsPerRoute, seed });
      // Several at once, because a change waits for its record.
      for (let first = 0; first < requests.length; first += atOnce) {
        const batch = requests.slice(first, first + atOnce);
        const statuses = await Promise.all(batch.map((request) => ask(test, entry, request, seed)));
        covered += statuses.length;
        if (statuses.some((status) => status < 400)) accepted.add(name);
      }
    });
  });
}

async function ask(
  test: TestServer,
  { method }: RouteEntry,
  { path, query, body }: FuzzedRequest,
  seed: number,
): Promise<number> {
  const search = query.length === 0 ? "" : `?${new URLSearchParams([...query]).toString()}`;
  const text = method === "GET" ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const response = await test.request(method, `${path}${search}`, text === undefined ? {} : { body: text });
  const answer = await response.text();
  const context = `seed ${seed}: ${method} ${path}${search} ${text ?? ""} → ${answer}\n${test.logLines.at(-1) ?? ""}`;
  if (response.status >= 500) throw new Error(context);
  if (response.status < 400) return response.status;
  const type = response.headers.get("content-type");
  const { status } = JSON.parse(answer) as Problem;
  expect({ context, type, status }).toEqual({
    context,
    type: "application/problem+json; charset=utf-8",
    status: response.status,
  });
  return status;
}

interface FuzzedRequest {
  readonly path: string;
  readonly query: readonly [string, string][];
  readonly body: unknown;
}

function requestOf(name: RouteName, entry: RouteEntry, runIds: readonly string[]): fc.Arbitrary<FuzzedRequest> {
  const { params, query, body } = schemas[name] as InputSchemas;
  const names = [...entry.path.matchAll(/:(\w+)/g)].map(([, key]) => key ?? "");
  const values = fc.record(Object.fromEntries(names.map((key) => [key, paramOf(key, runIds)])));
  return fc.record({
    path: values.map((given) =>
      entry.path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(given[key]?.toWellFormed() ?? "")),
    ),
    query: params === undefined && query === undefined ? fc.constant([]) : queryOf(toSchema(query)),
    body: bodyOf(toSchema(body)),
  });
}

/** Known names most of the time: what is unknown is refused before much happens. */
function paramOf(key: string, runIds: readonly string[]): fc.Arbitrary<string> {
  const known = fc.constantFrom("hello", "broken", "chain", "waits", "greetings", "nobody");
  const runs = fc.nat().map((index) => runIds[index % runIds.length] ?? "r1");
  const right = key.endsWith("run_id") ? runs : known;
  return fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: anyText.filter((text) => text !== "") });
}

function queryOf(schema: JsonSchema): fc.Arbitrary<[string, string][]> {
  const keys = Object.keys(schema.properties ?? {});
  const right = valueOf(schema).map((value) =>
    Object.entries(Object(value) as Record<string, unknown>).map(([key, item]): [string, string] => [
      key,
      toText(item),
    ]),
  );
  if (keys.length === 0) {
    const nothing: fc.Arbitrary<[string, string][]> = fc.constant([]);
    return fc.oneof({ weight: 9, arbitrary: nothing }, { weight: 1, arbitrary: fc.array(fc.tuple(anyText, anyText)) });
  }
  const wrong = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...keys), anyText), anyText), { maxLength: 3 });
  return fc.oneof({ weight: 3, arbitrary: right }, { weight: 2, arbitrary: wrong });
}

function toText(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).toWellFormed();
}

/** Right by the schema, right but for a field, any JSON, any text. */
function bodyOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const right = valueOf(schema.type === undefined ? { type: "object" } : schema);
  const keys = [...Object.keys(schema.properties ?? {}), "params"];
  const changed = fc
    .tuple(right, fc.oneof(fc.constantFrom(...keys), anyText), fc.oneof(fc.jsonValue(), anyText))
    .map(([value, key, item]) => ({ ...Object(value), [key]: item }));
  return fc.oneof(
    { weight: 5, arbitrary: right },
    { weight: 3, arbitrary: changed },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: anyText },
  );
}

function toSchema(schema: z.ZodType | undefined): JsonSchema {
  if (schema === undefined) return {};
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }) as JsonSchema;
}
