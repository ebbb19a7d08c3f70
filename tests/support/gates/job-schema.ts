// The JSON Schema of files that declare jobs, made from the specs that the constructors of jobs have.
import type { z } from "zod";
import { toOptionsSchema } from "../../../src/core/spec/to-json-schema.ts";
import { integrationJobSpec } from "../../../src/data/jobs/integration-job.ts";
import { sqlJobSpec } from "../../../src/data/jobs/sql-job.ts";
import { declaredFieldSpec } from "../../../src/project/declared/declared-fields.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** Below the root of the repository; the build copies it into the package. */
export const jobSchemaFile = "docs/reference/job.schema.json";

/** The text of the file. */
export function printJobSchema(): string {
  return `${JSON.stringify(createJobSchema(), undefined, 2)}\n`;
}

function createJobSchema(): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Jobs of Millrace",
    description: "a job, or a list of them under `jobs`; see docs/reference/yaml-jobs.md",
    examples: [example],
    if: { type: "object", required: ["jobs"] },
    then: {
      type: "object",
      properties: { $schema: schemaOption, jobs: { type: "array", items: reference("job") } },
      additionalProperties: false,
    },
    else: reference("job"),
    definitions: {
      job: {
        if: { type: "object", required: ["sql"], not: { required: ["source"] } },
        then: reference("sqlJob"),
        else: reference("integrationJob"),
      },
      integrationJob: describe("integrationJob", integrationJobSpec.schema, "rows of a source into a dataset"),
      sqlJob: describe("sqlJob", sqlJobSpec.schema, "one `select` over datasets into a dataset"),
    },
  };
}

const example = {
  name: "ingest_orders",
  source: { file: { path: "data/orders-*.csv" } },
  checks: [{ notNull: ["id"] }],
  output: { dataset: "orders", mode: "merge", key: ["id"] },
};

const schemaOption = { type: "string", description: "where editors find this schema, in JSON" };

const fields = {
  type: "object",
  additionalProperties: withoutDraft(toOptionsSchema(declaredFieldSpec.schema)),
};

/** What stands in a file where code has more than data. */
const written = new Map<string, JsonSchema>([
  ["a zod schema", fields],
  [
    "what `dataset` returns",
    {
      type: "object",
      description: "a dataset that no job of the project publishes",
      properties: { external: { type: "string" } },
      required: ["external"],
      additionalProperties: false,
    },
  ],
]);

function describe(name: string, schema: z.ZodType, description: string): JsonSchema {
  const { properties, ...rest } = withoutDraft(toOptionsSchema(schema, written));
  const described = { description, ...rest, properties: { $schema: schemaOption, ...(properties as object) } };
  // what a schema refers to lies in itself, which is deeper now
  const text = JSON.stringify(described).replaceAll('"#/definitions/', `"#/definitions/${name}/definitions/`);
  return JSON.parse(text) as JsonSchema;
}

function withoutDraft(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== "$schema"));
}

function reference(name: string): JsonSchema {
  return { $ref: `#/definitions/${name}` };
}
