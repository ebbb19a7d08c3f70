import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import { toStoreError } from "./store-error.ts";

test("a full disk is DISK_FULL, which is tried again", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("pragma max_page_count = 2; create table t (x)");
  const thrown = thrownBy(() => database.exec("insert into t values (zeroblob(100000))"));
  database.close();
  expect(toStoreError(thrown, "/s.db")).toMatchObject({ code: "DISK_FULL", disposition: "retry", cause: thrown });
});

test("a store that may only be read is STORE_UNAVAILABLE with its path", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("create table t (x); pragma query_only = on");
  const thrown = thrownBy(() => database.exec("insert into t values (1)"));
  database.close();
  const error = toStoreError(thrown, "/s.db");
  expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(error.message).toContain("`/s.db`");
});

test("errors of the file system are told apart", () => {
  const systemError = (code: string): Error => Object.assign(new Error(`${code}: planted`), { code });
  expect(toStoreError(systemError("ENOSPC"), "/s.db").code).toBe("DISK_FULL");
  expect(toStoreError(systemError("EACCES"), "/s.db").code).toBe("STORE_UNAVAILABLE");
});

test("a MillraceError passes unchanged, and what nobody expected is INTERNAL", () => {
  const lost = new MillraceError("RUN_LOST", "gone");
  expect(toStoreError(lost, "/s.db")).toBe(lost);
  expect(toStoreError(new RangeError("oops"), "/s.db")).toMatchObject({
    code: "INTERNAL",
    message: "store failed: oops",
  });
});

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("nothing was thrown");
}
