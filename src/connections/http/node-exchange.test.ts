import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { closeAfterEach } from "../../../tests/support/http/close-after-each.ts";
import { createHttpAgent } from "./http-agent.ts";
import type { HttpRequest } from "./http-request.ts";
import { sendRequest } from "./send-request.ts";

const closeLater = closeAfterEach();

interface Listening extends AsyncDisposable {
  readonly url: string;
}

async function listening(server: Server, end = (): void => undefined): Promise<Listening> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  const dispose = async (): Promise<void> => {
    end();
    await new Promise((resolve) => void server.close(resolve));
  };
  return closeLater({ url, [Symbol.asyncDispose]: dispose });
}

/** A service with a say of its own in what comes before the answer. */
async function givenServer(onExpect: RequestListener): Promise<Listening> {
  const server = createServer((_request, response) => void response.writeHead(500).end());
  server.on("checkContinue", onExpect);
  return await listening(server);
}

async function put(url: string, more: Partial<HttpRequest> = {}, proxy?: string): Promise<readonly [number, string]> {
  await using agent = createHttpAgent(proxy === undefined ? {} : { proxy });
  const request: HttpRequest = { method: "PUT", url, body: { raw: "bytes" }, waitsForContinue: true, ...more };
  const response = await sendRequest(request, { agent });
  return [response.status, await text(response.body)];
}

test("the body goes when the service asks for it", async () => {
  const { url } = await givenServer((request, response) => {
    response.writeContinue();
    void text(request).then((body) => response.end(`got ${body}`));
  });
  expect(await put(url)).toEqual([200, "got bytes"]);
  expect(await put(url, { body: { raw: () => Readable.from(["two ", "parts"]) } })).toEqual([200, "got two parts"]);
});

test("a service that says `100 Continue` twice, as data nodes do unasked, is understood", async () => {
  const sockets: Socket[] = [];
  const server = createSocketServer((socket) => {
    sockets.push(socket);
    socket.on("data", () => undefined);
    socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
    socket.end("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
  });
  const { url } = await listening(server, () => sockets.forEach((socket) => socket.destroy()));
  expect(await put(url)).toEqual([201, ""]);
});

test("a refusal that comes before the body costs no body", async () => {
  let bytes = 0;
  const { url } = await givenServer((request, response) => {
    request.on("data", (part: Buffer) => (bytes += part.length));
    response.writeHead(403).end("no");
  });
  expect([await put(url), bytes]).toEqual([[403, "no"], 0]);
});

test("a service that ends the connection, and a body that cannot be read, are told for what they are", async () => {
  const { url } = await givenServer((_request, response) => void response.socket?.destroy());
  expect(await expectFailure(put(url))).toMatchObject({ code: "CONNECTION_FAILED", disposition: "retry" });
  const asking = await givenServer((request, response) => {
    response.writeContinue();
    request.on("error", () => undefined);
  });
  const broken = (): Readable =>
    new Readable({
      read: (): void => undefined,
      construct: (done) => done(Object.assign(new Error("no"), { code: "ENOENT" })),
    });
  expect(await expectFailure(put(asking.url, { body: { raw: broken } }))).not.toMatchObject({
    code: "CONNECTION_FAILED",
  });
});

test("a service that says nothing is given up, and a stopped run ends the exchange for its reason", async () => {
  const { url } = await givenServer((_request, response) => response.writeContinue());
  const error = await expectFailure(put(url, { timeouts: { idleMs: 50 } }));
  expect(error).toMatchObject({ code: "CONNECTION_FAILED" });
  const stop = new AbortController();
  await using agent = createHttpAgent();
  const server = createServer();
  const asked = once(server, "checkContinue");
  const waiting = await listening(server, () => server.closeAllConnections());
  const sent = sendRequest(
    { method: "PUT", url: waiting.url, body: { raw: "x" }, waitsForContinue: true },
    { agent, signal: stop.signal },
  );
  await asked;
  stop.abort(new Error("stopped"));
  await expect(sent).rejects.toThrow("stopped");
});

test("such a body goes through no proxy", async () => {
  const error = await expectFailure(put("http://127.0.0.1:9/file", {}, "http://127.0.0.1:9"));
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
});
