// Roles may call what the route table allows them.
import { expect, test } from "vitest";
import { leastRole, mayCall } from "./permissions.ts";

test("a role may do what those before it may", () => {
  expect([mayCall("viewer", "listRuns"), mayCall("viewer", "retryRun")]).toEqual([true, false]);
  expect([mayCall("operator", "retryRun"), mayCall("admin", "retryRun")]).toEqual([true, true]);
});

test("force asks for more, where the table says so", () => {
  expect([mayCall("operator", "stopJob"), mayCall("operator", "stopJob", true)]).toEqual([true, false]);
  expect([leastRole("stopJob", true), leastRole("retryRun", true)]).toEqual(["admin", "operator"]);
});

test("what is public needs no role", () => {
  expect(mayCall("viewer", "createSession")).toBe(true);
});
