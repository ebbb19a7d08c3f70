import { gunzipSync } from "node:zlib";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import type { HttpRequest } from "../../connections/http/http-request.ts";
import type { HttpResponse } from "../../connections/http/http-response.ts";
import type { PlannedRequest, RequestChange, RequestLedger } from "../../core/connection/request-ledger.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { needsLedger, RequestJournal, type LedgerOptions } from "./request-journal.ts";

/** As the store keeps them. */
class MemoryLedger implements RequestLedger {
  readonly requests = new Map<string, PlannedRequest>();
  readonly changes: RequestChange["state"][] = [];

  planRequest(plan: Parameters<RequestLedger["planRequest"]>[0]): Promise<PlannedRequest> {
    const found = this.requests.get(plan.name) ?? { ...plan, state: "planned", sends: 0, answer: undefined };
    const kept = found.state === "planned" ? { ...found, fingerprint: plan.fingerprint } : found;
    this.requests.set(plan.name, kept);
    return Promise.resolve(kept);
  }

  findRequest(name: string): Promise<PlannedRequest | undefined> {
    return Promise.resolve(this.requests.get(name));
  }

  changeRequest(name: string, change: RequestChange): Promise<void> {
    const found = this.requests.get(name);
    if (found !== undefined) this.requests.set(name, { ...found, answer: undefined, ...change });
    this.changes.push(change.state);
    return Promise.resolve();
  }
}

const request: HttpRequest = {
  method: "POST",
  url: "https://x.test/rows?key=canary-1",
  body: { raw: '{"t":"canary-1"}' },
};

function open(ledger: RequestLedger, options: LedgerOptions = {}, given: HttpRequest = request, secret = "canary-1") {
  const redact = (text: string): string => text.replaceAll(secret, "[masked]");
  return new RequestJournal({ ledger, dataset: "answers", options, keptHeaders: ["x-id", "x-token"], redact }).open(
    given,
    "batch 1",
  );
}

function answer(body: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status: 201,
    headers,
    url: request.url,
    address: "https://x.test/rows",
    body: Readable.from([Buffer.from(body)]),
    isEndKnown: true,
    received: Promise.resolve(),
    traffic: () => ({ receivedBytes: 0, bodyBytes: 0, headersMs: 0, durationMs: 0 }),
  };
}

const refused = new MillraceError("REQUEST_REJECTED", "no", { details: { status: 400 } });
const lost = new MillraceError("CONNECTION_FAILED", "no answer in time");

test("a request is written down, then sent with a key, and its answer is adopted by the next attempt", async () => {
  const ledger = new MemoryLedger();
  const entry = await open(ledger);
  expect(ledger.requests.get("answers, batch 1")).toMatchObject({ state: "planned" });
  await entry.beforeSend();
  const response = entry.record(answer('[{"id":1}]', { "x-id": "148", "set-cookie": "x" }));
  expect(await response.body.toArray()).toHaveLength(1);
  await entry.received();
  await entry.answered();
  expect(ledger.changes).toEqual(["sent", "answered"]);
  const next = await open(ledger);
  expect(next.request.headers).toEqual(entry.request.headers);
  if (typeof next.adopted !== "object") throw new Error("expected an answer");
  expect(next.adopted).toMatchObject({ status: 201, headers: { "x-id": "148" } });
  expect(Buffer.concat((await next.adopted.body.toArray()) as Uint8Array[]).toString()).toBe('[{"id":1}]');
});

test("neither the body of a request nor a secret of its address or its answer is written down", async () => {
  const ledger = new MemoryLedger();
  const entry = await open(ledger);
  await entry.beforeSend();
  const response = entry.record(answer('{"echo":"canary-1"}', { "x-token": "canary-1" }));
  await response.body.toArray();
  await entry.received();
  await entry.answered();
  const kept = JSON.stringify([...ledger.requests.values()]);
  expect(kept).not.toContain("canary-1");
  const { answer: saved } = ledger.requests.get("answers, batch 1") ?? {};
  expect(saved).toEqual({ status: 201, headers: { "x-token": "[masked]" }, body: undefined });
  // it cannot be adopted, so nobody knows what it was
  expect(await expectFailure(open(ledger))).toMatchObject({ code: "REQUEST_UNRESOLVED" });
});

test("an answer that nobody reads to its end is read before it is kept", async () => {
  const ledger = new MemoryLedger();
  const entry = await open(ledger);
  await entry.beforeSend();
  entry.record(answer("[]"));
  await entry.received();
  await entry.answered();
  const { body = "" } = ledger.requests.get("answers, batch 1")?.answer ?? {};
  expect(gunzipSync(Buffer.from(body, "base64")).toString()).toBe("[]");
});

test("what may have been carried out is asked about, unless the service knows its key", async () => {
  const ledger = new MemoryLedger();
  const entry = await open(ledger);
  await entry.beforeSend();
  expect(await expectFailure(entry.failed(lost))).toMatchObject({ code: "REQUEST_UNRESOLVED", cause: lost });
  expect(await expectFailure(open(ledger))).toMatchObject({ code: "REQUEST_UNRESOLVED" });
  const known = await open(ledger, { key: "X-Key" });
  await known.failed(lost);
  expect(known.request.headers).toHaveProperty("x-key");
  expect(ledger.changes).toEqual(["sent", "unknown", "unknown"]);
});

test("an answer that could not be read is kept whole, and told of whenever it cannot be read", async () => {
  const ledger = new MemoryLedger();
  const entry = await open(ledger);
  await entry.beforeSend();
  const response = entry.record({ ...answer(""), body: Readable.from(["{", "}"].map((part) => Buffer.from(part))) });
  for await (const _part of response.body) break;
  const unreadable = new MillraceError("SOURCE_UNREADABLE", "page 1: no list", { hint: "say where it is" });
  await entry.unreadable(unreadable);
  const error = await expectFailure(entry.failed(unreadable));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", cause: unreadable });
  expect(error.message).toBe(
    "`answers, batch 1` was sent, and it answered 201; its answer could not be read: page 1: no list",
  );
  const { adopted, ...next } = await open(ledger);
  if (typeof adopted !== "object") throw new Error("expected an answer");
  expect(Buffer.concat((await adopted.body.toArray()) as Uint8Array[]).toString()).toBe("{}");
  expect(next.request.headers).toEqual(entry.request.headers);
  expect(entry.explain(lost, adopted)).toBe(lost);
});

test("half an answer that cannot be read says nothing of its request", async () => {
  const ledger = new MemoryLedger();
  const entry = await open(ledger);
  await entry.beforeSend();
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("{");
      throw await Promise.resolve(lost);
    })(),
  );
  const response = entry.record({ ...answer(""), body: broken });
  for await (const _part of response.body) break;
  const unreadable = new MillraceError("SOURCE_UNREADABLE", "no list");
  await entry.unreadable(unreadable);
  expect(await expectFailure(entry.failed(unreadable))).toMatchObject({ code: "REQUEST_UNRESOLVED" });
});

test.each<[number, string]>([
  [400, "planned"],
  [429, "planned"],
  [408, "unknown"],
  [500, "unknown"],
])("after status %d a request is %s", async (status, state) => {
  const ledger = new MemoryLedger();
  const entry = await open(ledger);
  await entry.beforeSend();
  const error = new MillraceError("SERVICE_UNAVAILABLE", "x", { details: { status } });
  await entry.failed(error).catch(() => undefined);
  expect(ledger.requests.get("answers, batch 1")).toMatchObject({ state, status });
});

test("a request that never left, and one that the service refused, is sent by the next attempt with other content", async () => {
  const ledger = new MemoryLedger();
  const entry = await open(ledger);
  await entry.failed(lost);
  expect(ledger.changes).toEqual([]);
  await entry.beforeSend();
  await entry.failed(refused);
  await open(ledger, {}, { ...request, body: { raw: "{}" } });
});

test("another content under the name of one that was sent is an error, and another secret is not", async () => {
  const ledger = new MemoryLedger();
  const options = { unknown: "resend" } as const;
  await (await open(ledger, options)).beforeSend();
  const renewed = { ...request, url: "https://x.test/rows?key=canary-2", body: { raw: '{"t":"canary-2"}' } };
  await open(ledger, options, renewed, "canary-2");
  const changed = open(ledger, options, { ...request, body: { raw: "{}" } });
  expect(await expectFailure(changed)).toMatchObject({ code: "REQUEST_CHANGED" });
});

test("a request that a person has resolved is given up, or sent again", async () => {
  const ledger = new MemoryLedger();
  const planned = await ledger.planRequest({
    name: "answers, batch 1",
    idempotencyKey: "k",
    fingerprint: "",
    method: "POST",
    address: "",
  });
  const { fingerprint } = await open(ledger).then(() => ledger.requests.get("answers, batch 1") ?? planned);
  ledger.requests.set("answers, batch 1", { ...planned, fingerprint, state: "answered" });
  expect((await open(ledger)).adopted).toBe("given up");
});

test("requests are written down by method, by purpose and by choice", () => {
  expect(needsLedger({}, undefined)).toBe(false);
  expect(needsLedger({ method: "POST" }, undefined)).toBe(true);
  expect(needsLedger({ method: "POST", retry: { resend: true } }, undefined)).toBe(false);
  expect(needsLedger({ method: "POST" }, "reads")).toBe(false);
  expect(needsLedger({ method: "GET" }, "writes")).toBe(true);
  expect(needsLedger({ method: "POST", ledger: false }, "writes")).toBe(false);
});
