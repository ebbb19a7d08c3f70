import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CacheOptions } from "../../core/connection/connection-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { createSecretSeal } from "../registry/secret-seal.ts";
import { AnswerCache, isCacheable } from "./answer-cache.ts";

let folder: string;
let nowMs: number;
/** What the service was asked, with its headers. */
let asked: HttpRequest[];

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "millrace-cache-")), "crm");
  nowMs = Date.UTC(2026, 0, 1);
  asked = [];
});

afterEach(() => rm(join(folder, ".."), { recursive: true }));

const get: HttpRequest = { method: "GET", url: "https://x.example/a?page=1" };

function open(options: CacheOptions = {}, fingerprint = "one"): AnswerCache {
  const seal = createSecretSeal(["a key of sixteen and more characters"]);
  return new AnswerCache({ name: "crm", options, fingerprint, folder, seal, clock: { now: () => nowMs } });
}

type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string };

async function send(
  cache: AnswerCache,
  answer: Answer | Error,
  request = get,
): Promise<{ body: string; cache: HttpResponse["cache"] }> {
  const response = await cache.send(request, async (sent) => {
    asked.push(sent);
    if (answer instanceof Error) throw answer;
    return respond(answer);
  });
  return { body: await text(response.body), cache: response.cache };
}

function respond({ status = 200, headers = {}, body = "" }: Answer): HttpResponse {
  return {
    status,
    headers,
    url: get.url,
    address: get.url,
    body: Readable.from([Buffer.from(body)]),
    isEndKnown: true,
    received: Promise.resolve(),
    traffic: () => ({ receivedBytes: 0, bodyBytes: 0, headersMs: 0, durationMs: 0 }),
  };
}

const forAMinute = { headers: { "cache-control": "max-age=60" }, body: "first" };

test("an answer is given again for as long as the service says, in every process of the machine", async () => {
  expect(await send(open(), forAMinute)).toEqual({ body: "first", cache: undefined });
  nowMs += 59_000;
  expect(await send(open(), { body: "second" })).toEqual({ body: "first", cache: { isStale: false, ageMs: 59_000 } });
  nowMs += 2_000;
  expect(await send(open(), { body: "second" })).toEqual({ body: "second", cache: undefined });
  expect(asked).toHaveLength(2);
});

test("`ttl` counts where the service does not say how long, and nowhere else", async () => {
  const cache = open({ ttl: "1h" });
  await send(cache, { headers: { etag: '"1"' }, body: "first" });
  nowMs += 3_599_000;
  expect((await send(cache, { body: "second" })).body).toBe("first");
  await send(cache, { headers: { "cache-control": "no-cache" }, body: "x" }, { ...get, url: "https://x.example/b" });
  expect((await send(cache, { body: "y" }, { ...get, url: "https://x.example/b" })).body).toBe("y");
});

test("an answer that the service confirms is given from the cache, and counts from then on", async () => {
  const cache = open({ ttl: "1m" });
  await send(cache, { headers: { etag: '"1"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" }, body: "first" });
  nowMs += 61_000;
  expect(await send(cache, { status: 304 })).toEqual({ body: "first", cache: { isStale: false, ageMs: 0 } });
  expect(asked[1]?.headers).toEqual({ "if-none-match": '"1"', "if-modified-since": "Thu, 01 Jan 2026 00:00:00 GMT" });
  nowMs += 59_000;
  expect((await send(cache, { body: "second" })).body).toBe("first");
});

test.each([
  ["no-store", { headers: { "cache-control": "no-store" } }, get],
  ["an error", { status: 404, headers: { "cache-control": "max-age=60" } }, get],
  ["an answer that depends on everything", { headers: { "cache-control": "max-age=60", vary: "*" } }, get],
] as [string, Answer, HttpRequest][])("%s is asked for again", async (_name, answer, request) => {
  const cache = open({ ttl: "1h" });
  await send(cache, answer, request);
  await send(cache, answer, request);
  expect(asked).toHaveLength(2);
});

test("answers in two forms do not stand for each other", async () => {
  const cache = open();
  const as = (accept: string): HttpRequest => ({ ...get, headers: { Accept: accept } });
  await send(
    cache,
    { headers: { "cache-control": "max-age=60", vary: "accept" }, body: "json" },
    as("application/json"),
  );
  expect((await send(cache, { ...forAMinute, body: "csv" }, as("text/csv"))).body).toBe("csv");
  expect((await send(cache, forAMinute, as("application/json"))).body).toBe("json");
});

test("other settings or secrets know nothing of each other's answers", async () => {
  await send(open({}, "one"), forAMinute);
  expect((await send(open({}, "two"), { body: "other" })).body).toBe("other");
});

test.each([
  ["a status of 5xx", { status: 503 }],
  ["no answer", new MillraceError("CONNECTION_FAILED", "refused")],
  ["a closed gate", new MillraceError("CONNECTION_BLOCKED", "blocked", { retryAfterMs: 3_600_000 })],
] as [string, Answer | Error][])("the last answer stands in for %s, as long as declared", async (_name, trouble) => {
  const cache = open({ staleIfError: "1d" });
  await send(cache, forAMinute);
  nowMs += 3_600_000;
  expect(await send(cache, trouble)).toEqual({ body: "first", cache: { isStale: true, ageMs: 3_600_000 } });
  nowMs += 86_400_000;
  const outcome = await send(cache, trouble).then(
    ({ body }) => body,
    (error: unknown) => error,
  );
  expect(outcome).not.toBe("first");
});

test("nothing stands in for a refusal, or without a declaration", async () => {
  const cache = open({ staleIfError: "1d" });
  await send(cache, forAMinute);
  nowMs += 3_600_000;
  expect((await send(cache, { status: 403, body: "no" })).body).toBe("no");
  const denied = new MillraceError("AUTHENTICATION_FAILED", "no");
  await expect(send(cache, denied)).rejects.toBe(denied);
  const away = new MillraceError("CONNECTION_FAILED", "refused");
  await expect(send(open(), away)).rejects.toBe(away);
});

test("half an answer is not kept", async () => {
  const cache = open();
  const cut = { ...respond(forAMinute), body: Readable.from(fail()) };
  const response = await cache.send(get, async () => cut);
  await expect(text(response.body)).rejects.toThrow("cut");
  expect((await send(cache, { body: "whole" })).body).toBe("whole");
});

async function* fail(): AsyncGenerator<Buffer> {
  yield Buffer.from("half");
  throw new Error("cut");
}

test("what is kept is sealed, for its owner alone, and gone after `clear`", async () => {
  const cache = open();
  await send(cache, { ...forAMinute, body: "canary" }, { ...get, url: "https://x.example/canary" });
  const [name = "", ...others] = await readdir(folder);
  expect(others).toEqual([]);
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  expect(name + (await readFile(join(folder, name), "utf8"))).not.toContain("canary");
  await cache.clear();
  expect((await send(cache, { body: "second" })).body).toBe("second");
});

test("the oldest answers go when there are too many bytes, and a large one is not kept", async () => {
  const cache = open({ maxBytes: 1_000_000 });
  const page = (number: number): HttpRequest => ({ ...get, url: `https://x.example/a?page=${number}` });
  const body = "x".repeat(100_000);
  for (let number = 1; number <= 20; number += 1) await send(cache, { ...forAMinute, body }, page(number));
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(1_000_000);
  expect((await send(cache, { body: "asked" }, page(20))).body).toBe(body);
  await send(cache, { ...forAMinute, body: "y".repeat(300_000) }, page(21));
  expect((await send(cache, { body: "asked" }, page(21))).body).toBe("asked");
});

test("only a plain GET is kept", () => {
  expect(isCacheable(get)).toBe(true);
  expect(isCacheable({ ...get, method: "POST" })).toBe(false);
  expect(isCacheable({ ...get, headers: { Range: "bytes=0-1" } })).toBe(false);
  expect(isCacheable({ ...get, headers: { "If-None-Match": '"1"' } })).toBe(false);
});
