// Paths of operations, and refusals as errors that say what to do.
import { afterEach, expect, test, vi } from "vitest";
import { MillraceError } from "../core/errors/errors.ts";
import { createClient, toPath } from "./api-client.ts";
import { refusalOf } from "./refusal.ts";

const { call } = createClient();

afterEach(() => {
  vi.unstubAllGlobals();
});

function answerWith(status: number, body: string, type = "application/json"): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status, headers: { "content-type": type } })));
}

/** A server that takes a call and never answers it. */
function neverAnswer(): void {
  vi.stubGlobal("fetch", (_: string, { signal }: { readonly signal: AbortSignal }) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    return promise;
  });
}

test("params are encoded into the path; empty parts of the query are left out", () => {
  expect(toPath("showJob", { job_name: "a/b c" })).toBe("/api/v1/jobs/a%2Fb%20c");
  expect(toPath("listRuns", {}, { q: "x&y", job: undefined, limit: 50 })).toBe("/api/v1/runs?q=x%26y&limit=50");
});

test("a refusal is an error with the code, the hint and what is allowed", async () => {
  const problem = { code: "TRANSITION_INVALID", detail: "expected a run to be ERROR", hint: "wait", allowed: ["stop"] };
  answerWith(409, JSON.stringify({ ...problem, status: 409, request_id: "q1" }), "application/problem+json");
  const error = await call("retryRun", { params: { run_id: "r1" }, body: {} }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({ code: "TRANSITION_INVALID", message: problem.detail, hint: "wait" });
  expect(refusalOf(error)).toEqual({
    status: 409,
    code: "TRANSITION_INVALID",
    allowed: ["stop"],
    issues: [],
    requestId: "q1",
  });
});

test("a code that this package does not know is kept beside the error", async () => {
  answerWith(
    400,
    JSON.stringify({ code: "MOON_FULL", detail: "not tonight", status: 400 }),
    "application/problem+json",
  );
  const error = await call("showSession").catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "INTERNAL", message: "not tonight" });
  expect(refusalOf(error)?.code).toBe("MOON_FULL");
});

test("a refusal that is no problem document still says its status", async () => {
  answerWith(502, "<html>", "text/html");
  const error = await call("showSession").catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "SERVER_UNREACHABLE", message: expect.stringContaining("502") as string });
  expect(refusalOf(error)?.status).toBe(502);
});

test("a server that is not there is an error with a way out", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  const error = await call("showSession").catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "SERVER_UNREACHABLE",
    hint: expect.stringContaining("millrace server") as string,
  });
  expect(refusalOf(error)).toBeUndefined();
});

test("a server that does not answer in time is given up", async () => {
  neverAnswer();
  const client = createClient({ url: "http://127.0.0.1:4680", timeout: "1ms" });
  await expect(client.call("showSession")).rejects.toMatchObject({
    code: "SERVER_UNREACHABLE",
    message: "no answer from http://127.0.0.1:4680 within 1ms",
  });
});

test("an abort is no refusal: the caller's own reason comes back, before and during a call", async () => {
  neverAnswer();
  const reason = new Error("gone");
  await expect(call("showSession", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const control = new AbortController();
  const called = call("showSession", { signal: control.signal });
  control.abort(reason);
  await expect(called).rejects.toBe(reason);
});

test("an empty answer is null, a text is text", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status: 204 })));
  expect(await call("endSession")).toBeNull();
  answerWith(200, "line\n", "text/plain");
  expect(await call("downloadRunLogs", { params: { run_id: "r1" } })).toBe("line\n");
});

test.each(["127.0.0.1:4680", "ftp://host", "http://user:secret@host", "http://host/path"])(
  "`%s` is no address of a server",
  (url) => {
    expect(() => createClient({ url })).toThrow(/expected the address of a server/);
  },
);
