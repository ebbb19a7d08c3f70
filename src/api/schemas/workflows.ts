// Schemas of what statuses mean in each project, and of what people say of them.
import { z } from "zod";
import { statusMeanings } from "../../core/delivery/status-mapping.ts";
import type { SchemasOf } from "../route-schemas.ts";
import { instantField, listOf, reasonField, runIdField } from "./fields.ts";
import { nullableInstant } from "./run-shapes.ts";

const nullableText = z.string().nullable();
const meaning = z.enum(statusMeanings);

const workflowParams = z.strictObject({
  project_key: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,99}$/, "expected the key of a project")
    .meta({ examples: ["PROJ1"] }),
});

const saying = {
  status_id: z.string().regex(/^\d{1,18}$/, "expected the id of a status"),
  category: meaning.nullable().describe("null: as Jira says"),
  is_waiting: z.boolean().nullable().describe("null: as its name says"),
} as const;

const status = z
  .object({
    status_id: z.string(),
    name: nullableText,
    types: z.array(z.string()).describe("of issues that can have it"),
    is_current: z.boolean(),
    jira_category: meaning,
    category: meaning.describe("that counts"),
    is_category_said: z.boolean(),
    is_waiting: z.boolean().describe("nobody works on an issue in it"),
    is_waiting_said: z.boolean(),
    edited_by: nullableText,
    edited_at: nullableInstant,
  })
  .meta({ id: "WorkflowStatus" });

const edit = z
  .object({
    version: z.int(),
    edited_by: z.string(),
    edited_at: instantField,
    reason: nullableText,
    statuses: z.array(z.object({ ...saying, status_id: z.string() })),
  })
  .meta({ id: "WorkflowEdit" });

const workflow = z
  .object({
    project_key: z.string(),
    version: z.int().describe("0 while nobody has said anything"),
    statuses: z.array(status),
    edits: z.array(edit).describe("newest first"),
    computed_at: nullableInstant.describe("an edit counts from then on"),
  })
  .meta({ id: "Workflow" });

const summary = z
  .object({
    project_key: z.string(),
    version: z.int(),
    statuses: z.int(),
    waiting: z.int(),
    unknown: z.int().describe("statuses of which nobody knows what they mean"),
    edited_by: nullableText,
    edited_at: nullableInstant,
  })
  .meta({ id: "WorkflowSummary" });

export const workflowSchemas: SchemasOf<"listWorkflows" | "showWorkflow" | "putWorkflow"> = {
  listWorkflows: { response: listOf(summary) },
  showWorkflow: { params: workflowParams, response: workflow },
  putWorkflow: {
    params: workflowParams,
    body: z.strictObject({
      version: z.int().min(0).max(1_000_000).describe("that the caller has seen"),
      statuses: z.array(z.strictObject(saying)).min(1).max(500),
      reason: reasonField.optional(),
    }),
    response: z.object({ version: z.int(), run_id: runIdField }),
  },
};
