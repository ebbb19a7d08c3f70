import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  type BehavingServer,
  type Behaviour,
  startBehavingServer,
} from "../../../tests/support/http/behaving-server.ts";
import { closeAfterEach } from "../../../tests/support/http/close-after-each.ts";
import { rawAnswer, startRawServer } from "../../../tests/support/http/raw-server.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { createHttpAgent } from "./http-agent.ts";
import type { HttpRequest } from "./http-request.ts";
import type { HttpResponse } from "./http-response.ts";
import { sendRequest } from "./send-request.ts";

const closeLater = closeAfterEach();

function send(url: string, request: Partial<HttpRequest> = {}, signal?: AbortSignal): Promise<HttpResponse> {
  const agent = closeLater(createHttpAgent());
  return sendRequest({ method: "GET", ...request, url }, { agent, ...(signal === undefined ? {} : { signal }) });
}

async function givenServer(behaviour: Behaviour): Promise<BehavingServer> {
  return closeLater(await startBehavingServer(behaviour));
}

async function givenAnswer(answer: Buffer | string, options?: { readonly open: boolean }): Promise<string> {
  return closeLater(await startRawServer(answer, options)).origin;
}

async function sendAndRead(url: string, request: Partial<HttpRequest> = {}): Promise<string> {
  return text((await send(url, request)).body);
}

const rows = Array.from({ length: 2_000 }, (_, id) => `{"id":${id},"square":${id * id}}`).join("\n");

test("an answer comes with status, headers, body and counts", async () => {
  const server = await givenServer((_, response) => {
    response.writeHead(418, { "X-Kind": "tea", "set-cookie": ["a=1", "b=2"] }).end(rows);
  });
  const response = await send(`${server.origin}/pot?cup=1`);
  expect([response.status, response.headers["x-kind"], response.headers["set-cookie"]]).toEqual([
    418,
    "tea",
    "a=1, b=2",
  ]);
  expect(await text(response.body)).toBe(rows);
  expect(response.traffic()).toMatchObject({ receivedBytes: rows.length, bodyBytes: rows.length });
  expect(response.isEndKnown).toBe(true);
});

test.each([
  ["a JSON body", { json: { a: [1, "é"] } }, "application/json", '{"a":[1,"é"]}'],
  ["a form", { form: { a: "1 & 2", b: ["x", "y"] } }, "application/x-www-form-urlencoded", "a=1%20%26%202&b=x&b=y"],
  ["a raw text", { raw: "a;b", contentType: "text/csv" }, "text/csv", "a;b"],
  ["raw bytes", { raw: new Uint8Array([104, 105]) }, undefined, "hi"],
  ["a stream", { raw: () => Readable.from(["h", "i"]) }, undefined, "hi"],
] as const)("%s is sent with its content type", async (_, body, contentType, sent) => {
  const server = await givenServer((_request, response) => void response.end());
  await sendAndRead(server.origin, { method: "POST", body });
  expect(server.received[0]?.headers["content-type"]).toBe(contentType);
  expect(server.received[0]?.body).toBe(sent);
});

test("a form of several parts keeps names with quotes inside their quotes", async () => {
  const server = await givenServer((_request, response) => void response.end());
  const multipart = [
    { name: "note", content: "hello" },
    { name: "file", content: "a,b", fileName: 'a"\r\nb.csv', contentType: "text/csv" },
  ];
  await sendAndRead(server.origin, { method: "POST", body: { multipart } });
  const [received] = server.received;
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(received?.headers["content-type"] ?? "")?.[1];
  expect(received?.body).toBe(
    [
      `--${boundary}`,
      'content-disposition: form-data; name="note"',
      "",
      "hello",
      `--${boundary}`,
      'content-disposition: form-data; name="file"; filename="a%22%0D%0Ab.csv"',
      "content-type: text/csv",
      "",
      "a,b",
      `--${boundary}--`,
      "",
    ].join("\r\n"),
  );
});

test("the query of the address is sent as it is written, and what is added stands behind it", async () => {
  const server = await givenServer((_request, response) => void response.end());
  await sendAndRead(`${server.origin}/x?cursor=a+b%2Bc~*(d)`, {
    query: { to: "2020-01-01T00:00:00+02:00", id: ["1", "2"] },
  });
  expect(server.received[0]?.path).toBe("/x?cursor=a+b%2Bc~*(d)&to=2020-01-01T00%3A00%3A00%2B02%3A00&id=1&id=2");
});

test.each([
  ["gzip", gzipSync(rows)],
  ["x-gzip", Buffer.concat([gzipSync(rows.slice(0, 999)), gzipSync(rows.slice(999))])],
  ["deflate", deflateSync(rows)],
  ["deflate", deflateRawSync(rows)],
  ["br", brotliCompressSync(rows)],
  ["zstd", zstdCompressSync(rows)],
  [
    "zstd",
    Buffer.concat([zstdCompressSync(rows.slice(0, 999)), zstdCompressSync(rows.slice(999)), zstdCompressSync("")]),
  ],
  ["gzip, br", brotliCompressSync(gzipSync(rows))],
  ["identity", Buffer.from(rows)],
])("a body in %s is decoded", async (encoding, body) => {
  const server = await givenServer(
    (_request, response) => void response.writeHead(200, { "content-encoding": encoding }).end(body),
  );
  const response = await send(server.origin);
  expect(await text(response.body)).toBe(rows);
  expect(response.traffic()).toMatchObject({ receivedBytes: body.length, bodyBytes: rows.length });
});

const encoded = [
  ["gzip", gzipSync(rows)],
  ["deflate", deflateSync(rows)],
  ["br", brotliCompressSync(rows)],
  ["zstd", zstdCompressSync(rows)],
] as const;

test.each(encoded)("a %s body that was cut is never taken for a whole one", async (encoding, body) => {
  for (const end of [0, 1, body.length >> 1, body.length - 1]) {
    const url = await givenAnswer(
      rawAnswer({ "content-encoding": encoding, connection: "close" }, body.subarray(0, end)),
    );
    const error = await expectFailure(sendAndRead(url));
    expect([error.code, error.disposition]).toEqual(["RESPONSE_TRUNCATED", "retry"]);
  }
});

test.each(encoded)("a %s body with more behind its end is refused", async (encoding, body) => {
  const url = await givenAnswer(
    rawAnswer({ "content-encoding": encoding, connection: "close" }, Buffer.concat([body, Buffer.from("more")])),
  );
  expect((await expectFailure(sendAndRead(url))).code).toBe("FORMAT_INVALID");
});

test.each(encoded)("a %s body that is something else is refused without quoting it", async (encoding) => {
  const url = await givenAnswer(
    rawAnswer({ "content-encoding": encoding, connection: "close" }, "<html>canary</html>"),
  );
  const error = await expectFailure(sendAndRead(url));
  expect(error.code).toBe("FORMAT_INVALID");
  expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain("canary");
});

test("an encoding that is not known is an error and no raw dump", async () => {
  const url = await givenAnswer(rawAnswer({ "content-encoding": "lzma", "content-length": 3 }, "abc"));
  const error = await expectFailure(send(url));
  expect(error.code).toBe("FORMAT_INVALID");
  expect(error.message).toMatch(/expected a content encoding of gzip, deflate, br, zstd, got: `lzma`$/);
});

test.each([
  ["with less than its length", rawAnswer({ "content-length": 10 }, "hello")],
  [
    "with less than its length on a connection that closes",
    rawAnswer({ "content-length": 10, connection: "close" }, "hello"),
  ],
  ["without its last chunk", rawAnswer({ "transfer-encoding": "chunked" }, "5\r\nhello\r\n")],
  [
    "without its last chunk on a connection that closes",
    rawAnswer({ "transfer-encoding": "chunked", connection: "close" }, "5\r\nhello\r\n"),
  ],
])("a body %s is never taken for a whole one", async (_, answer) => {
  const error = await expectFailure(sendAndRead(await givenAnswer(answer)));
  expect([error.code, error.errorClass]).toEqual(["RESPONSE_TRUNCATED", "network_timeout"]);
});

test("a body that ends with its connection says that nobody knows whether it is whole", async () => {
  const response = await send(await givenAnswer(rawAnswer({ connection: "close" }, "hello")));
  expect(response.isEndKnown).toBe(false);
  expect(await text(response.body)).toBe("hello");
});

test("what is no HTTP is refused without quoting it", async () => {
  const error = await expectFailure(send(await givenAnswer("canary\r\n\r\n")));
  expect(error.message).toMatch(/: the answer is not HTTP$/);
  expect(error.code).toBe("FORMAT_INVALID");
});

test("a body with more bytes than the limit is refused", async () => {
  const server = await givenServer((_request, response) => void response.end(rows));
  const error = await expectFailure(sendAndRead(server.origin, { limits: { maxBytes: 1_000 } }));
  expect([error.code, error.disposition]).toEqual(["RESPONSE_TOO_LARGE", "fail"]);
});

test("a body that was made to grow is refused before it has grown", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2));
  const server = await givenServer(
    (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
  );
  const response = await send(server.origin);
  expect((await expectFailure(text(response.body))).code).toBe("RESPONSE_TOO_LARGE");
  expect(response.traffic().bodyBytes).toBeLessThan(17 * 1024 ** 2);
});

test.each([
  ["HEAD", 200, { "content-encoding": "gzip", "content-length": "500" }],
  ["GET", 204, {}],
  ["GET", 304, { "content-encoding": "gzip" }],
  ["GET", 200, { "content-encoding": "gzip", "content-length": "0" }],
] as const)("an answer without a body to %s %i is whole", async (method, status, headers) => {
  const server = await givenServer((_request, response) => void response.writeHead(status, headers).end());
  const response = await send(server.origin, { method });
  expect([response.status, await text(response.body), response.isEndKnown]).toEqual([status, "", true]);
});

test("a service that nobody runs is a failed connection that is worth another try", async () => {
  const server = await startBehavingServer(() => undefined);
  await server[Symbol.asyncDispose]();
  const error = await expectFailure(send(`${server.origin}/x?api_key=canary&page=2`));
  expect([error.code, error.disposition]).toEqual(["CONNECTION_FAILED", "retry"]);
  expect(error.message).toBe(`GET ${server.origin}/x?api_key=[masked]&page=2: no answer (ECONNREFUSED)`);
});

test("a service that never answers is given up", async () => {
  const server = await givenServer(() => undefined);
  const error = await expectFailure(send(server.origin, { timeouts: { headersMs: 20 } }));
  expect([error.code, error.message]).toEqual(["CONNECTION_FAILED", `GET ${server.origin}/: no answer in time`]);
});

test("a body that stops coming is given up", async () => {
  const url = await givenAnswer(rawAnswer({ "content-length": 100 }, "hello"), { open: true });
  const error = await expectFailure(sendAndRead(url, { timeouts: { idleMs: 20 } }));
  expect([error.code, error.message]).toEqual(["RESPONSE_TRUNCATED", `GET ${url}/: the body stopped coming`]);
});

test("an exchange that takes too long as a whole is given up", async () => {
  const url = await givenAnswer(rawAnswer({ "content-length": 100 }, "hello"), { open: true });
  const error = await expectFailure(sendAndRead(url, { timeouts: { totalMs: 20 } }));
  expect([error.code, error.message]).toEqual(["CONNECTION_FAILED", `GET ${url}/: took longer than 20ms`]);
});

test("an abort ends the wait for headers and the reading of the body with its own reason", async () => {
  const reason = new Error("the run was stopped");
  expect(await send("http://127.0.0.1:1", {}, AbortSignal.abort(reason)).catch((error: unknown) => error)).toBe(reason);
  const controller = new AbortController();
  const url = await givenAnswer(rawAnswer({ "content-length": 100 }, "hello"), { open: true });
  const response = await send(url, {}, controller.signal);
  controller.abort(reason);
  expect(await text(response.body).catch((error: unknown) => error)).toBe(reason);
});

test.each(["ftp://example.com", "not an address", "http://user:canary@example.com"])(
  "the address %s is refused",
  async (url) => {
    const error = await expectFailure(send(url));
    expect(error.code).toBe("VALUE_INVALID");
    expect(error.message).not.toContain("canary");
  },
);

test("a header with a line end is refused without its value", async () => {
  const error = await expectFailure(send("http://127.0.0.1:1", { headers: { "x-key": "canary\r\nx: y" } }));
  expect(error.code).toBe("VALUE_INVALID");
  expect(error.message).not.toContain("canary");
});

test("a redirect is followed, and one that leads in circles is given up", async () => {
  const server = await givenServer(({ path }, response) => {
    if (path === "/new") return void response.end("here");
    response.writeHead(302, { location: path === "/old" ? "/new" : path }).end();
  });
  const response = await send(`${server.origin}/old`);
  expect([await text(response.body), response.address]).toEqual(["here", `${server.origin}/new`]);
  expect((await expectFailure(send(`${server.origin}/circle`))).code).toBe("REDIRECT_REFUSED");
});

test("credentials stay behind when a redirect leads to a listed origin", async () => {
  const files = await givenServer((_request, response) => void response.end("here"));
  const server = await givenServer(
    (_request, response) => void response.writeHead(302, { location: files.origin }).end(),
  );
  const request = { headers: { authorization: "Bearer canary", "x-key": "canary" }, redirectOrigins: [files.origin] };
  expect(await sendAndRead(server.origin, request)).toBe("here");
  expect(JSON.stringify(files.received)).not.toContain("canary");
});

test("a body that waits to be read is whole although the server has closed the connection behind it", async () => {
  // as long as what waits at most, so that nothing more is read when the end comes
  const body = Buffer.alloc(262_144);
  const head = `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
  const server = closeLater(await startRawServer(head, { body }));
  const answer = await send(server.origin);
  for (let turns = 0; turns < 200; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  let bytes = 0;
  for await (const part of answer.body as AsyncIterable<Buffer>) bytes += part.length;
  expect(bytes).toBe(body.length);
});
