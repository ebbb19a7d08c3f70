// Paths of operations, and refusals as errors that say what to do.
import { afterEach, expect, test, vi } from "vitest";
import { ApiError, call, toPath } from "./api-client.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

function answerWith(status: number, body: string, type = "application/json"): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status, headers: { "content-type": type } })));
}

test("params are encoded into the path; empty parts of the query are left out", () => {
  expect(toPath("showJob", { job_name: "a/b c" })).toBe("/api/v1/jobs/a%2Fb%20c");
  expect(toPath("listRuns", {}, { q: "x&y", job: undefined, limit: 50 })).toBe("/api/v1/runs?q=x%26y&limit=50");
});

test("a refusal is an error with the code, the hint and what is allowed", async () => {
  const problem = { code: "TRANSITION_INVALID", detail: "expected a run to be ERROR", hint: "wait", allowed: ["stop"] };
  answerWith(409, JSON.stringify(problem), "application/problem+json");
  const error = await call("retryRun", { params: { run_id: "r1" }, body: {} }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 409,
    code: "TRANSITION_INVALID",
    message: problem.detail,
    hint: "wait",
    allowed: ["stop"],
  });
});

test("a refusal that is no problem document still says its status", async () => {
  answerWith(502, "<html>", "text/html");
  await expect(call("showSession", {})).rejects.toMatchObject({
    status: 502,
    message: expect.stringContaining("502") as string,
  });
});

test("a server that does not answer is an error with a way out", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  await expect(call("showSession", {})).rejects.toMatchObject({ status: 0, code: "SERVER_UNREACHABLE" });
});

test("an abort is no refusal", async () => {
  const aborted = AbortSignal.abort(new Error("gone"));
  vi.stubGlobal("fetch", () => Promise.reject(new Error("gone")));
  await expect(call("showSession", { signal: aborted })).rejects.not.toBeInstanceOf(ApiError);
});

test("an empty answer is null, a text is text", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status: 204 })));
  expect(await call("endSession", {})).toBeNull();
  answerWith(200, "line\n", "text/plain");
  expect(await call("downloadRunLogs", { params: { run_id: "r1" } })).toBe("line\n");
});
