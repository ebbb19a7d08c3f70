// docs/reference/job.schema.json, which editors read, says what the constructors of jobs take.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jobSchemaFile, printJobSchema } from "./support/gates/job-schema.ts";

const root = join(import.meta.dirname, "..");

test("the schema of job files is as the specs say; `npm run docs` writes it", async () => {
  expect(await readFile(join(root, jobSchemaFile), "utf8")).toBe(printJobSchema());
});

test("the schema has what is data and nothing that only code can give", () => {
  const { definitions } = JSON.parse(printJobSchema()) as {
    definitions: Record<string, { properties: Record<string, { description?: string }> }>;
  };
  const { integrationJob, sqlJob } = definitions;
  const names = Object.keys(integrationJob?.properties ?? {});
  expect(names).toEqual(
    expect.arrayContaining(["name", "params", "source", "inputs", "watermark", "checks", "output"]),
  );
  expect(names).not.toContain("onSuccess");
  expect(sqlJob?.properties["sql"]?.description).toBe("exactly one `select`; it may start with `with`");
  expect(JSON.stringify(integrationJob)).toContain('"query":{');
  const undescribed = Object.entries(integrationJob?.properties ?? {}).filter(
    ([, option]) => option.description === undefined,
  );
  expect(undescribed).toEqual([]);
});
