import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { templateTools } from "./project-template.ts";

test("a new project is checked with the tools and versions that this package is checked with", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8");
  expect((JSON.parse(text) as { devDependencies: object }).devDependencies).toMatchObject(templateTools);
});
