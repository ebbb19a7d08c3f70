// The description of the API: valid, complete, and good enough that a client made from it works.
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { generateSource } from "oazapfts";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { type RouteEntry, type RouteName, routes } from "../../../src/api/routes.ts";
import type { StartResult } from "../../../src/api/run.ts";
import { holds } from "../../support/server/rest-jobs.ts";
import { startTestServer, type TestServer } from "../../support/server/test-server.ts";

const entries = Object.entries(routes) as [RouteName, RouteEntry][];

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    await using test = await startTestServer();
    const result = await new Validator().validate(await read(test));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it("has every route of the table with its role, its parameters and its refusals", async () => {
    await using test = await startTestServer();
    const { openapi, paths } = await read(test);
    expect(openapi).toBe("3.1.0");
    expect(entries.length).toBeGreaterThan(50);
    for (const [name, { method, path, permission }] of entries) {
      const operation = paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
      expect(operation).toMatchObject({ operationId: name, "x-permission": permission });
      const described = (operation?.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(described.map((parameter) => parameter.name).toSorted()).toEqual(
        [...path.matchAll(/:(\w+)/g)].map(([, key]) => key ?? "").toSorted(),
      );
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(["400", "401", "429", "503"]));
      expect(operation?.security).toEqual(permission === "public" ? [] : undefined);
    }
    const count = Object.values(paths).flatMap((path) => Object.keys(path)).length;
    expect(count).toBe(entries.length);
  });

  it("says what the server refuses: unknown names, other texts than UTF-8, states that are none, two choices at once", async () => {
    await using test = await startTestServer();
    const { paths } = await read(test);
    const document = JSON.parse(JSON.stringify(paths)) as Record<string, Record<string, { responses: object }>>;
    expect(document["/api/v1/schedules/calendar"]?.["get"]?.responses).toHaveProperty("404");
    expect(document["/api/v1/bulk/selections"]?.["post"]?.responses).toHaveProperty("404");
    expect(document["/api/v1/bulk/selections"]?.["post"]?.responses).toHaveProperty("415");
    expect(JSON.stringify(document["/api/v1/runs"]?.["get"])).toContain(
      "^(NOT_STARTED|PENDING|RUNNING|FINISHED|ERROR|PAUSED)(,",
    );
    expect(JSON.stringify(document["/api/v1/bulk/selections"]?.["post"])).toContain('"oneOf":[{"required":["filter"]}');
  });

  it("tells nothing of the project", async () => {
    await using empty = await startTestServer();
    await using test = await startTestServer({ definitions: [holds] });
    expect(JSON.stringify(await read(test)) === JSON.stringify(await read(empty))).toBe(true);
  });
});

describe("a client made from the document", () => {
  it("starts, pauses, resumes and stops a job", { timeout: 120_000 }, async () => {
    await using test = await startTestServer({ definitions: [holds] });
    const folder = await mkdtemp(join(tmpdir(), "millrace-client-"));
    try {
      const { startJob, pauseJob, resumeJob, stopJob, showRun } = await generate(test, folder);
      const jobName = "holds";
      const headers = { authorization: `Bearer ${test.tokens.operator}`, connection: "close" };
      const options = { baseUrl: test.url, headers };
      const started = await startJob({ jobName, startRequest: {} }, options);
      expect(started).toMatchObject({ status: 200, data: { run_id: "r1", created: true } satisfies StartResult });
      const action = { jobName, actionRequest: {} };
      expect(await pauseJob(action, options)).toMatchObject({ data: { changed: 1 } });
      expect(await showRun({ runId: "r1" }, options)).toMatchObject({ data: { state: "PAUSED" } });
      expect(await resumeJob(action, options)).toMatchObject({ data: { changed: 1 } });
      expect(await stopJob(action, options)).toMatchObject({ data: { changed: 1 } });
      expect(await showRun({ runId: "r1" }, options)).toMatchObject({ data: { state: "ERROR", reason: "stopped" } });
      const again = await stopJob(action, options);
      expect(again).toMatchObject({ status: 409, data: { code: "TRANSITION_INVALID" } });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

interface OpenApiOperation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: object;
  readonly security?: readonly object[];
}

async function read(test: TestServer): Promise<OpenApiDocument & Record<string, unknown>> {
  const response = await test.request("GET", "/openapi.json", { token: "" });
  expect(response.status).toBe(200);
  return (await response.json()) as OpenApiDocument & Record<string, unknown>;
}

type Operation = (input: object, options: object) => Promise<{ readonly status: number; readonly data: unknown }>;

type GeneratedClient = Readonly<Record<"startJob" | "pauseJob" | "resumeJob" | "stopJob" | "showRun", Operation>>;

async function generate(test: TestServer, folder: string): Promise<GeneratedClient> {
  const document = join(folder, "openapi.json");
  await writeFile(document, JSON.stringify(await read(test)));
  const source = await generateSource(document, { argumentStyle: "object" });
  const file = join(folder, "client.ts");
  await writeFile(file, source);
  await symlink(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(folder, "node_modules"));
  return (await import(pathToFileURL(file).href)) as GeneratedClient;
}
