// The client of the package against a real server: answers, refusals and events as a program gets them.
import { expect, test } from "vitest";
import type { ServerMessage } from "../../../src/api/event-message.ts";
import { createClient, type EventStreamState, refusalOf } from "../../../src/client.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { broken, hello } from "../../support/server/rest-jobs.ts";
import { startTestServer } from "../../support/server/test-server.ts";

test("a run is started, followed to its end and read, and a refused one says what would be allowed", async () => {
  await using test = await startTestServer({ definitions: [hello, broken] });
  const client = createClient({ url: test.url, token: test.tokens.admin });
  const ended = Promise.withResolvers<void>();
  const subscribed = Promise.withResolvers<void>();
  const types: string[] = [];
  const stream = client.events({
    topics: ["runs"],
    onMessage: (message) => {
      types.push(message.type);
      if (message.type === "subscribed") subscribed.resolve();
      if (message.type === "job_completed") ended.resolve();
    },
  });
  await subscribed.promise;

  const { run_id } = await client.call("startJob", { params: { job_name: "hello" }, body: { params: { who: "ada" } } });
  await test.fixture.startWorker([hello, broken]);
  await ended.promise;
  stream.close();

  expect(types).toEqual(expect.arrayContaining(["snapshot", "job_submitted", "job_started", "job_completed"]));
  expect(await client.call("showRun", { params: { run_id } })).toMatchObject({ state: "FINISHED", job_name: "hello" });
  expect((await client.call("listRuns", { query: { job: "hello" } })).items).toHaveLength(1);
  expect(await client.call("downloadRunLogs", { params: { run_id } })).toContain("hello");
  expect((await client.call("showOrchestrator")).workers).toHaveLength(1);

  const error = await client.call("retryRun", { params: { run_id }, body: {} }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({ code: "TRANSITION_INVALID" });
  expect(refusalOf(error)).toMatchObject({ status: 409, requestId: expect.any(String) as string });
});

test("what is wrong in a request is told by its place", async () => {
  await using test = await startTestServer({ definitions: [hello] });
  const client = createClient({ url: test.url, token: test.tokens.viewer });
  const error = await client.call("listRuns", { query: { limit: 5_000 } }).catch((caught: unknown) => caught);
  expect(refusalOf(error)).toMatchObject({
    status: 400,
    issues: [{ path: expect.stringContaining("limit") as string }],
  });
  await expect(client.call("showJob", { params: { job_name: "helo" } })).rejects.toMatchObject({ code: "JOB_UNKNOWN" });
  await expect(client.call("listTokens")).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("a token that is refused ends the stream, and a signal closes one", async () => {
  await using test = await startTestServer();
  const stranger = createClient({ url: test.url, token: "mr_unknown_token" });
  await expect(stranger.call("showSession")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  const refused = Promise.withResolvers<void>();
  const noteState = ({ name }: EventStreamState): void => (name === "refused" ? refused.resolve() : undefined);
  stranger.events({ topics: ["runs"], onMessage: () => undefined, onState: noteState });
  await refused.promise;

  const control = new AbortController();
  const first = Promise.withResolvers<ServerMessage>();
  const client = createClient({ url: test.url, token: test.tokens.viewer });
  const stream = client.events({ topics: ["runs"], signal: control.signal, onMessage: first.resolve });
  await first.promise;
  control.abort();
  expect(stream.state.name).toBe("closed");
  expect(client.events({ signal: control.signal, onMessage: first.resolve }).state.name).toBe("closed");
});
