import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { defaultsOf, findEnvironment, isProductionName, listEnvironments } from "./environments.ts";

const folder = useTemporaryFolder("environments");

async function projectWith(...files: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(folder(), "project-"));
  for (const file of files) await writeFile(join(root, file), "");
  return root;
}

test("each file beside the configuration is an environment, and declarations of types are none", async () => {
  const root = await projectWith(
    "millrace.config.ts",
    "millrace.config.d.ts",
    "millrace.config.prod.ts",
    "millrace.config.dev-eu.yaml",
    "millrace.config.test.json",
    "millrace.config.Old.ts",
    "millrace.config.txt",
    "millrace.config.a.b.ts",
  );
  expect([...listEnvironments(root).keys()].toSorted()).toEqual(["dev-eu", "prod", "test"]);
  expect(findEnvironment(root, "prod")).toBe(join(root, "millrace.config.prod.ts"));
});

test("an unknown environment is refused with those that exist", async () => {
  const root = await projectWith("millrace.config.prod.ts", "millrace.config.dev.ts");
  expect(() => findEnvironment(root, "prd")).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      message: "unknown environment `prd`, did you mean `prod`?",
      hint: expect.stringContaining("the project has: dev, prod"),
    }) as Error,
  );
  const none = await projectWith("millrace.config.ts");
  expect(() => findEnvironment(none, "prod")).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("millrace.config.prod.ts") }) as Error,
  );
});

test("an environment in two files is refused with both", async () => {
  const root = await projectWith("millrace.config.prod.ts", "millrace.config.prod.json");
  expect(() => listEnvironments(root)).toThrow("by `millrace.config.prod.json` and `millrace.config.prod.ts`");
});

test("every environment has its own store, lake and schema", () => {
  expect(defaultsOf("dev-eu")).toEqual({
    store: ".millrace/dev-eu/store.db",
    lake: "lake-dev-eu",
    database: { schema: "millrace_dev_eu" },
  });
});

test.each([
  ["prod", true],
  ["production", true],
  ["prod-eu", true],
  ["live", true],
  ["producer", false],
  ["preprod", false],
  ["dev", false],
  [undefined, false],
])("%s is production by its name: %s", (name, isProduction) => {
  expect(isProductionName(name)).toBe(isProduction);
});
