// The rows that a figure is made of, whichever metric it is of: page by page, and as a file.
import { z } from "zod";
import type { ExplainedFigure, FigurePointQuery, FigureRowsPage } from "../../../api/delivery/figure-rows.ts";
import {
  type FigureStatement,
  figureStatement,
  rowsStatement,
  settlePoint,
  type SettledPoint,
} from "../../../core/delivery/figure-statements.ts";
import type { ShownRow, ShownRows } from "../../../core/dataset/dataset-reader.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { toJson } from "../../../orchestrator/attempt/to-json.ts";
import type { Json } from "../../../store/rows/run-records.ts";
import type { CallContext, Handlers } from "../../handler.ts";
import { parseJsonCursor, toJsonCursor } from "../../json-cursor.ts";
import { requestInvalid } from "../../request-invalid.ts";
import type { ServerServices } from "../../server-services.ts";
import { assertOpen } from "../rows/sealed-datasets.ts";
import { countOf, exportFigures, type FigureServices, instantOf, numberOf, textOf } from "./figure-rows.ts";

const defaultLimit = 50;
const placeSchema = z.tuple([z.number(), z.string()]);
/** What a statement adds to find its place again. */
const places: readonly string[] = ["place_at", "place_key"];

export function createFigureRowsHandlers(services: ServerServices): Handlers<"listFigureRows" | "exportFigureRows"> {
  return {
    async listFigureRows({ params: { metric }, query: { limit = defaultLimit, cursor, ...point } }, { signal }) {
      const after = cursor === undefined ? undefined : parseJsonCursor(placeSchema, cursor);
      const { settled, figure, span } = await findFigure(services, { metric, point, signal });
      const found = await read(services, rowsStatement(settled, span, { after }), { limit: limit + 1, signal });
      return { figure, dataset: settled.metric.rows.dataset, ...toPage(found, limit) };
    },
    async exportFigureRows({ params: { metric }, query: { format, ...point } }, { signal }) {
      const { settled, span } = await findFigure(services, { metric, point, signal });
      const statement = rowsStatement(settled, span, undefined);
      await assertComputed(services, statement);
      const { sql, values } = statement;
      return await exportFigures(services, { sql, values, signal }, { format, name: `${metric}-${settled.of}` });
    },
  };
}

interface FigureRequest extends Pick<CallContext, "signal"> {
  readonly metric: string;
  readonly point: FigurePointQuery;
}

interface FoundFigure {
  readonly settled: SettledPoint;
  readonly figure: ExplainedFigure;
  readonly span: { readonly startMs: number | null; readonly endMs: number | null };
}

/** @throws MillraceError `THING_UNKNOWN` for a metric or a point that is none, `REQUEST_INVALID` for one that the metric cannot have */
async function findFigure(services: FigureServices, { metric, point, signal }: FigureRequest): Promise<FoundFigure> {
  const settled = settle(metric, point);
  const { subject, of, period } = settled;
  const { rows } = await read(services, figureStatement(settled), { limit: 1, signal });
  const [row] = rows;
  if (row === undefined) {
    throw new MillraceError("THING_UNKNOWN", `there is no figure \`${metric}\` of ${subject} \`${of}\` at that time`, {
      hint: "periods begin with the first thing that is known of it; without `at` the newest is taken",
    });
  }
  const span = { startMs: numberOf(row["start_ms"]), endMs: numberOf(row["end_ms"]) };
  const figure = {
    metric,
    unit: settled.metric.unit,
    subject,
    of,
    period,
    start_at: instantOf(span.startMs),
    end_at: instantOf(span.endMs),
    value: numberOf(row["value"]),
    n: numberOf(row["n"]),
  };
  return { settled, figure, span };
}

function settle(metric: string, point: FigurePointQuery): SettledPoint {
  try {
    return settlePoint(metric, point);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "VALUE_INVALID") throw error;
    const part = String(error.details?.["part"]);
    throw requestInvalid({ path: `query.${part}`, message: error.message.replace(`\`${part}\`: `, "") });
  }
}

async function read(
  services: FigureServices,
  statement: FigureStatement,
  options: { readonly limit: number; readonly signal: AbortSignal },
): Promise<ShownRows> {
  await assertComputed(services, statement);
  assertOpen(services, statement.inputs);
  return await services.rows.query(statement.sql, { ...options, values: statement.values });
}

/** @throws MillraceError `DATASET_UNKNOWN` */
async function assertComputed({ store }: FigureServices, { inputs }: FigureStatement): Promise<void> {
  for (const dataset of inputs) {
    if ((await store.findDataset(dataset)) !== undefined) continue;
    throw new MillraceError("DATASET_UNKNOWN", `no run has published dataset \`${dataset}\``, {
      hint: "the jobs of delivery figures publish it",
    });
  }
}

function toPage(
  { columns, rows }: ShownRows,
  limit: number,
): Pick<FigureRowsPage, "columns" | "items" | "next_cursor"> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const shown = columns.filter(({ name }) => !places.includes(name));
  return {
    columns: shown.map(({ name, type }) => ({ name, type })),
    items: page.map((row) => toJson(withoutPlace(row)) as Readonly<Record<string, Json>>),
    next_cursor:
      rows.length > limit && last !== undefined
        ? toJsonCursor([countOf(last["place_at"]), textOf(last["place_key"]) ?? ""])
        : null,
  };
}

function withoutPlace(row: ShownRow): ShownRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !places.includes(name)));
}
