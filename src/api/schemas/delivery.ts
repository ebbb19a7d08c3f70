// Schemas of figures of delivery and of sprints, and of the rows behind them.
import { z } from "zod";
import { benchmarkYears } from "../../core/delivery/dora-metrics.ts";
import { exportFormats } from "../../core/export-format.ts";
import { sprintNumbers } from "../delivery/sprint.ts";
import type { SchemasOf } from "../route-schemas.ts";
import { instantField, integerField, pageOf, pageQueryFields } from "./fields.ts";
import { nullableInstant, nullableNumber } from "./run-shapes.ts";

export const exportFormatField: z.ZodType<(typeof exportFormats)[number]> = z.enum(exportFormats);

const serviceField = z.string().min(1).max(300);

const periodField = z.enum(["week", "month"]);

const span = z.object({ start_at: instantField, end_at: instantField, is_complete: z.boolean() });

const band = z
  .object({
    level: z.enum(["elite", "high", "medium", "low"]).nullable().describe("null where the table has no levels"),
    text: z.string(),
    score: nullableNumber.describe("from 0 to 10, 10 being best"),
    meanScore: nullableNumber.describe("of the industry"),
  })
  .meta({ id: "BenchmarkBand" });

const figure = z
  .object({
    metric: z.string(),
    unit: z.string(),
    value: nullableNumber.describe("null when it is not known, never 0 for that"),
    n: z.int().describe("of how many it is"),
    p50: nullableNumber,
    p75: nullableNumber,
    p90: nullableNumber,
    coverage: nullableNumber.describe("the part of those that should have a value which has one"),
    is_few: z.boolean(),
    before: nullableNumber.describe("of the period before"),
    overall: nullableNumber.describe("over all time"),
    band: band.nullable(),
  })
  .meta({ id: "DeliveryFigure" });

const delivery = z
  .object({
    services: z.array(z.string()).describe("by name, at most 1,000"),
    service: z.string().nullable(),
    period: periodField,
    periods: z.array(span).describe("oldest first"),
    shown: span.nullable().describe("the period that figures and stages are of"),
    figures: z.array(figure),
    series: z.array(
      z.object({ metric: z.string(), unit: z.string(), values: z.array(nullableNumber), n: z.array(z.int()) }),
    ),
    stages: z
      .object({
        n: z.int(),
        lead_seconds: z.number(),
        stages: z.array(
          z.object({ stage: z.enum(["coding", "pickup", "review", "merge_wait", "deploy"]), seconds: z.number() }),
        ),
      })
      .nullable()
      .describe("means, which add up to the mean lead time"),
    benchmark: z.object({ year: z.enum(benchmarkYears), caveat: z.string(), source: z.string() }),
    computed_at: nullableInstant,
  })
  .meta({ id: "Delivery" });

const nullableText = z.string().nullable();

const change = z
  .object({
    repository: nullableText,
    repository_id: z.int(),
    number: z.int(),
    title: nullableText,
    author: nullableText,
    is_bot: z.boolean(),
    is_hotfix: z.boolean(),
    is_revert: z.boolean(),
    is_unreviewed: z.boolean(),
    is_clock_skewed: z.boolean().describe("clocks were ahead, and times were clamped"),
    merged_at: nullableInstant,
    deployed_at: instantField,
    deployment_id: nullableNumber,
    coding_seconds: nullableNumber,
    pickup_seconds: nullableNumber,
    review_seconds: nullableNumber,
    merge_wait_seconds: nullableNumber,
    deploy_seconds: nullableNumber,
    lead_seconds: nullableNumber.describe("the sum of the stages"),
  })
  .meta({ id: "DeliveryChange" });

const deployment = z
  .object({
    repository: nullableText,
    repository_id: z.int(),
    environment: nullableText,
    deployment_id: z.int(),
    deployed_at: instantField,
    sha: nullableText,
    comparison: nullableText.describe("to the one before"),
    is_failed: z.boolean(),
    failure_reason: nullableText,
    failed_by: z.array(z.string()).describe("incidents that say so"),
    restored_at: nullableInstant,
    recovery_seconds: nullableNumber,
    is_unplanned: z.boolean(),
  })
  .meta({ id: "DeliveryDeployment" });

const rowsFields = {
  service: serviceField,
  since: instantField.describe("deployed at that time or later").optional(),
  until: instantField.describe("deployed before").optional(),
};

const onlyField = z.enum(["failed", "unplanned"]);

const sprintFigures = z.object({
  committed: z.number(),
  added: z.number(),
  removed: z.number(),
  scope: z.number().describe("committed + added − removed"),
  completed: z.number(),
  carried_over: nullableNumber.describe("null while it is not over"),
});

const sprintFields = {
  sprint_id: z.int(),
  board_id: z.int().nullable(),
  name: nullableText,
  state: z.enum(["active", "closed"]),
  start_at: instantField,
  end_at: nullableInstant,
  closed_at: nullableInstant,
  points: sprintFigures,
  issues: sprintFigures,
  unestimated_issues: z.int(),
  coverage: nullableNumber,
  completion_rate: nullableNumber.describe("of what was committed"),
  completed_share: nullableNumber.describe("of the scope at the end"),
  velocity_points: nullableNumber,
  velocity_sprints: z.int().nullable(),
} as const;

const sprint = z.object(sprintFields).meta({ id: "Sprint" });

const sprintDetail = z
  .object({
    ...sprintFields,
    burndown: z
      .array(
        z.object({
          at: instantField,
          remaining_points: z.number(),
          scope_points: z.number(),
          completed_points: z.number(),
        }),
      )
      .describe("steps, at most 2,000"),
    truncated: z.boolean(),
  })
  .meta({ id: "SprintDetail" });

const sprintIssue = z
  .object({
    issue_id: z.string(),
    key: nullableText,
    summary: nullableText,
    type: nullableText,
    at: instantField,
    change: z.string(),
    points: z.number().describe("what it adds to the number"),
    is_estimated: z.boolean(),
  })
  .meta({ id: "SprintIssue" });

const sprintParams = z.strictObject({ sprint_id: z.string().regex(/^\d{1,15}$/, "expected the id of a sprint") });

const boardField = integerField(0, Number.MAX_SAFE_INTEGER);

export const deliverySchemas: SchemasOf<
  | "showDelivery"
  | "listDeliveryChanges"
  | "listDeliveryDeployments"
  | "exportDelivery"
  | "listSprints"
  | "showSprint"
  | "listSprintIssues"
  | "exportSprints"
> = {
  showDelivery: {
    query: z.strictObject({
      service: serviceField.describe("default: the one with most deployments").optional(),
      period: periodField.describe("default `week`").optional(),
      periods: integerField(1, 260).describe("how many of the newest, default 26").optional(),
      at: instantField.describe("begin of the period that is shown; default: the newest that is over").optional(),
      benchmark: z.enum(benchmarkYears).describe("default the newest").optional(),
    }),
    response: delivery,
  },
  listDeliveryChanges: {
    query: z.strictObject({ ...pageQueryFields, ...rowsFields }),
    response: pageOf(change),
  },
  listDeliveryDeployments: {
    query: z.strictObject({ ...pageQueryFields, ...rowsFields, only: onlyField.optional() }),
    response: pageOf(deployment),
  },
  exportDelivery: {
    query: z.strictObject({
      ...rowsFields,
      of: z.enum(["figures", "changes", "deployments"]),
      format: exportFormatField,
      period: periodField.describe("of figures").optional(),
      only: onlyField.optional(),
    }),
    response: z.string().describe("a file"),
  },
  listSprints: {
    query: z.strictObject({ ...pageQueryFields, board: boardField.optional() }),
    response: z.object({
      items: z.array(sprint),
      next_cursor: nullableText,
      boards: z.array(z.object({ board_id: z.int(), name: nullableText })),
      computed_at: nullableInstant,
    }),
  },
  showSprint: { params: sprintParams, response: sprintDetail },
  listSprintIssues: {
    params: sprintParams,
    query: z.strictObject({ ...pageQueryFields, of: z.enum(sprintNumbers) }),
    response: pageOf(sprintIssue),
  },
  exportSprints: {
    query: z.strictObject({
      of: z.enum(["sprints", "issues", "burndown"]),
      format: exportFormatField,
      board: boardField.optional(),
      sprint: boardField.describe("needed for issues and burndown").optional(),
    }),
    response: z.string().describe("a file"),
  },
};
