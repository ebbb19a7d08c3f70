import { expect, test } from "vitest";
import { listPulseFiles } from "./pulse-template.ts";

test("a package without examples says so", () => {
  expect(() => listPulseFiles(0, "/no/such/folder")).toThrow(
    expect.objectContaining({
      code: "USAGE_INVALID",
      message: "the template `pulse` is read from `/no/such/folder`, which is not there",
    }),
  );
});

test("the organisation begins on a Monday, thirteen whole weeks ago or some days more", () => {
  const at = Date.parse("2026-12-02T10:00:00Z");
  const text = listPulseFiles(at).find(({ path }) => path === "organisation/organisation.ts")?.text;
  expect(text).toContain('start: "2026-08-31T00:00:00Z"');
});

test("the files that a reader needs come first", () => {
  const paths = listPulseFiles(0).map(({ path }) => path);
  expect(paths.slice(0, 2)).toEqual(["accounts.ts", "millrace.config.ts"]);
  expect(paths.indexOf("pipelines/github.ts")).toBeLessThan(paths.indexOf("servers/local-servers.ts"));
});
