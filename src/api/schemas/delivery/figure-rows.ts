// Schemas of the rows that a figure is made of.
import { z } from "zod";
import type { SchemasOf } from "../../route-schemas.ts";
import { exportFormatField } from "../delivery.ts";
import { jsonField, pageQueryFields } from "../fields.ts";
import { nullableInstant, nullableNumber } from "../run-shapes.ts";

const params = z.strictObject({
  metric: z
    .string()
    .min(1)
    .max(100)
    .meta({ examples: ["deployment_frequency"] }),
});

const periodField = z.enum(["week", "month", "all"]);

const pointFields = {
  service: z.string().min(1).max(300).describe("for metrics of a service").optional(),
  project: z.string().min(1).max(300).describe("key, for metrics of a project").optional(),
  sprint: z
    .string()
    .regex(/^\d{1,15}$/, "expected the id of a sprint")
    .describe("id, for metrics of a sprint")
    .optional(),
  period: periodField.describe("default `month`, where the metric has it").optional(),
  at: z
    .string()
    .min(7)
    .max(40)
    .describe("a month, a day or an instant in the period; default: the newest that has the figure")
    .meta({ examples: ["2026-01"] })
    .optional(),
};

const page = z
  .object({
    figure: z
      .object({
        metric: z.string(),
        unit: z.string(),
        subject: z.enum(["service", "project", "sprint"]),
        of: z.string(),
        period: periodField.nullable(),
        start_at: nullableInstant,
        end_at: nullableInstant,
        value: nullableNumber.describe("null when it is not known, never 0 for that"),
        n: nullableNumber,
      })
      .meta({ id: "ExplainedFigure" }),
    dataset: z.string(),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    items: z
      .array(z.record(z.string(), jsonField))
      .describe("newest first; `figure_value` is what a row adds to the figure"),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "FigureRowsPage" });

export const figureRowsSchemas: SchemasOf<"listFigureRows" | "exportFigureRows"> = {
  listFigureRows: { params, query: z.strictObject({ ...pageQueryFields, ...pointFields }), response: page },
  exportFigureRows: {
    params,
    query: z.strictObject({ ...pointFields, format: exportFormatField }),
    response: z.string().describe("a file"),
  },
};
