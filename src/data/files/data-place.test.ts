import { expect, test } from "vitest";
import { lendFileServices } from "../../connections/files/find-file-service.ts";
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { findDataPlace, resolveDataPath } from "./data-place.ts";
import { resolveForeignPath, resolveTargetPath } from "./project-path.ts";

const bucket = (name: string): ConnectionOptions => ({ s3: { bucket: name } });

function lend(declared: Readonly<Record<string, ConnectionOptions>>): void {
  lendFileServices(() => Promise.reject(new Error("nothing is asked")), { declared });
}

test("a bucket is that of the connection which says it", () => {
  lend({ web: { http: { baseUrl: "http://x" } }, one: bucket("first"), two: bucket("second") });
  expect(findDataPlace({ path: "s3a://second/t" })).toEqual({ remote: { connection: "two", path: "t" } });
});

test("another bucket is opened with the keys of the only connection to one", () => {
  lend({ web: { http: { baseUrl: "http://x" } }, one: bucket("first") });
  expect(findDataPlace({ path: "s3://other/t" })).toEqual({ remote: { connection: "one@other", path: "t" } });
});

test.each([
  [{}, "no connection is declared for bucket `lake`"],
  [{ one: bucket("first"), two: bucket("second") }, "no connection is declared for bucket `lake`"],
  [{ one: bucket("lake"), two: bucket("lake") }, "several connections lead to bucket `lake`: `one`, `two`"],
])("%j leads to no bucket without a doubt", (declared, message) => {
  lend(declared);
  expect(() => findDataPlace({ path: "s3://lake/t" })).toThrow(message);
});

test("a key beside a connection is taken as it is, and an address beside one is refused", () => {
  expect(findDataPlace({ connection: "x", path: "a/b" })).toEqual({ remote: { connection: "x", path: "a/b" } });
  expect(() => findDataPlace({ connection: "x", path: "s3://lake/t" })).toThrow("behind connection `x`");
});

test("paths of this machine keep their rules, also as addresses and beside a lake in a bucket", () => {
  lend({ one: bucket("lake") });
  const folders = { root: "/project", lake: "s3://lake/tables" };
  expect(resolveDataPath(folders, { path: "out/t" })).toBe("/project/out/t");
  expect(resolveDataPath(folders, { path: "file:///abs/t" })).toBe("/abs/t");
  expect(resolveDataPath(folders, { path: "s3://lake/t" })).toBe("connection:one/t");
  expect(resolveDataPath(folders, { path: "connection:one/t" })).toBe("connection:one/t");
  expect(() => resolveDataPath(folders, { path: "../t" })).toThrow("must stay in the project");
  expect(resolveForeignPath(folders, "out/t")).toBe("/project/out/t");
  expect(() => resolveTargetPath(folders, "s3://lake/t.sqlite")).toThrow("expected a path of this machine");
});
