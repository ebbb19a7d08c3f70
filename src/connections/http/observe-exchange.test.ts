import { afterEach, beforeEach, expect, test } from "vitest";
import {
  answerJson,
  type Behaviour,
  type BehavingServer,
  startBehavingServer,
} from "../../../tests/support/http/behaving-server.ts";
import { type Exchange, labelExchanges } from "../../core/connection/exchange.ts";
import { createHttpAgent, type HttpAgent } from "./http-agent.ts";
import type { HttpRequest } from "./http-request.ts";
import { sendRequest } from "./send-request.ts";

let server: BehavingServer;
let agent: HttpAgent;
let respond: Behaviour;

beforeEach(async () => {
  server = await startBehavingServer((...call) => respond(...call));
  agent = createHttpAgent();
});

afterEach(async () => {
  await agent[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function observe(request: Partial<HttpRequest>): Promise<readonly Exchange[]> {
  const seen: Exchange[] = [];
  const observer = labelExchanges(
    { now: () => 1_000, note: (exchange) => seen.push(exchange) },
    { unit: "a", repeat: 1 },
  );
  const options = { agent, observer };
  try {
    const response = await sendRequest({ method: "GET", url: `${server.origin}/x`, ...request }, options);
    for await (const _ of response.body);
  } catch {
    // What was noted is looked at.
  }
  return seen;
}

test("an exchange is told once its body has come, without a word of headers, body or secrets", async () => {
  respond = (_request, response) => answerJson(response, { seen: "canary" });
  const headers = { authorization: "Bearer canary" };
  const [exchange, ...others] = await observe({
    query: { token: "canary", page: "2" },
    headers,
    method: "POST",
    body: { json: { password: "canary" } },
  });
  expect(others).toEqual([]);
  expect(exchange).toEqual({
    method: "POST",
    address: `${server.origin}/x?token=[masked]&page=2`,
    status: 200,
    unit: "a",
    repeat: 1,
    startedAtMs: 1_000,
    durationMs: expect.any(Number) as number,
    receivedBytes: '{"seen":"canary"}'.length,
  });
});

test("an answer that is cut has its status and the error", async () => {
  respond = (_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  };
  expect(await observe({})).toMatchObject([{ status: 200, error: "RESPONSE_TRUNCATED", receivedBytes: 4 }]);
});

test("a request without an answer has the error alone, and what was never sent is not told", async () => {
  expect(await observe({ url: "http://127.0.0.1:1/x?api_key=canary" })).toMatchObject([
    { address: "http://127.0.0.1:1/x?api_key=[masked]", error: "CONNECTION_FAILED", receivedBytes: 0 },
  ]);
  expect(await observe({ url: "ftp://x" })).toEqual([]);
});
