// Sprints, their burndown, and the issues that each of their numbers is made of.
import { z } from "zod";
import type {
  Sprint,
  SprintDetail,
  SprintFigures,
  SprintIssue,
  SprintNumber,
  SprintPage,
} from "../../../api/delivery/sprint.ts";
import type { Page } from "../../../api/page.ts";
import type { ShownRow } from "../../../core/dataset/dataset-reader.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { FileStream } from "../../file-stream.ts";
import type { CallContext, CallInput } from "../../handler.ts";
import { parseJsonCursor, toJsonCursor } from "../../json-cursor.ts";
import { requestInvalid } from "../../request-invalid.ts";
import { assertComputed } from "./delivery-rows.ts";
import {
  computedAt,
  countOf,
  exportFigures,
  type FigureDataset,
  type FigureServices,
  figureDatasets,
  findPublished,
  instantOf,
  instantOfRow,
  numberOf,
  readFigures,
  textOf,
} from "./figure-rows.ts";

const defaultLimit = 50;
const maxSteps = 2_000;
const maxBoards = 1_000;

type Signal = Pick<CallContext, "signal">;

const sprintColumns = `*, epoch_ms(start_at) as start_ms, epoch_ms(end_at) as end_ms, epoch_ms(closed_at) as closed_ms`;

export async function listSprints(
  services: FigureServices,
  { query }: CallInput<"listSprints">,
  { signal }: Signal,
): Promise<SprintPage> {
  const published = await findPublished(services, ["sprints", "boards"]);
  if (!published.has("sprints")) return { items: [], next_cursor: null, boards: [], computed_at: null };
  const { board, limit = defaultLimit, cursor } = query;
  const after = cursor === undefined ? undefined : parseJsonCursor(sprintPlace, cursor);
  const behind = "(epoch_ms(start_at), sprint_id) < ({{at}}, {{id}})";
  const sql = `select ${sprintColumns} from ${figureDatasets.sprints}
    where ({{board}} is null or board_id = {{board}}) ${after === undefined ? "" : `and ${behind}`}
    order by epoch_ms(start_at) desc, sprint_id desc`;
  const values = { board: board ?? null, ...(after === undefined ? {} : { at: after[0], id: after[1] }) };
  const [rows, boards, computed] = await Promise.all([
    readFigures(services, { sql, values, signal }, limit + 1),
    listBoards(services, published, signal),
    computedAt(services, "sprints"),
  ]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const place = last === undefined ? undefined : [last["start_ms"], last["sprint_id"]].map(countOf);
  return {
    items: page.map(toSprint),
    next_cursor: rows.length > limit && place !== undefined ? toJsonCursor(place) : null,
    boards,
    computed_at: computed,
  };
}

/** @throws MillraceError `THING_UNKNOWN` */
export async function showSprint(
  services: FigureServices,
  { params }: CallInput<"showSprint">,
  { signal }: Signal,
): Promise<SprintDetail> {
  const published = await findPublished(services, ["sprints", "burndown"]);
  const values = { id: Number(params.sprint_id) };
  const sql = `select ${sprintColumns} from ${figureDatasets.sprints} where sprint_id = {{id}}`;
  const [row] = published.has("sprints") ? await readFigures(services, { sql, values, signal }, 1) : [];
  if (row === undefined) {
    throw new MillraceError("THING_UNKNOWN", `no figures of sprint \`${params.sprint_id}\` were computed`, {
      hint: "sprints that have not begun have none",
    });
  }
  const steps = `select epoch_ms(happened_at) as at_ms, remaining_points, scope_points, completed_points
    from ${figureDatasets.burndown} where sprint_id = {{id}} order by happened_at`;
  const found = published.has("burndown")
    ? await readFigures(services, { sql: steps, values, signal }, maxSteps + 1)
    : [];
  return {
    ...toSprint(row),
    burndown: found.slice(0, maxSteps).map((step) => ({
      at: instantOfRow(step["at_ms"]),
      remaining_points: countOf(step["remaining_points"]),
      scope_points: countOf(step["scope_points"]),
      completed_points: countOf(step["completed_points"]),
    })),
    truncated: found.length > maxSteps,
  };
}

export async function listSprintIssues(
  services: FigureServices,
  { params, query }: CallInput<"listSprintIssues">,
  { signal }: Signal,
): Promise<Page<SprintIssue>> {
  const published = await findPublished(services, ["scope", "issues", "issueMetrics"]);
  if (!published.has("scope")) return { items: [], next_cursor: null };
  const { of, limit = defaultLimit, cursor } = query;
  const after = cursor === undefined ? undefined : parseJsonCursor(issuePlace, cursor);
  const { condition, points } = numbers[of];
  const behind = "(epoch_us(x.happened_at), x.issue_id, x.position) > ({{at}}, {{issue}}, {{position}})";
  const sql = `select x.issue_id, x.change, x.position, x.is_estimated, ${points} as points, epoch_us(x.happened_at) as at_us,
      epoch_ms(x.happened_at) as at_ms, ${issueColumns(published)}
    from ${figureDatasets.scope} x ${issueJoin(published)}
    where x.sprint_id = {{id}} and ${condition} ${after === undefined ? "" : `and ${behind}`}
    order by epoch_us(x.happened_at), x.issue_id, x.position`;
  const values = {
    id: Number(params.sprint_id),
    ...(after === undefined ? {} : { at: after[0], issue: after[1], position: after[2] }),
  };
  const rows = await readFigures(services, { sql, values, signal }, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const place =
    last === undefined
      ? undefined
      : [countOf(last["at_us"]), textOf(last["issue_id"]) ?? "", countOf(last["position"])];
  return {
    items: page.map(toIssue),
    next_cursor: rows.length > limit && place !== undefined ? toJsonCursor(place) : null,
  };
}

export async function exportSprints(
  services: FigureServices,
  { query: { of, format, board, sprint } }: CallInput<"exportSprints">,
  { signal }: Signal,
): Promise<FileStream> {
  if (of !== "sprints" && sprint === undefined) {
    throw requestInvalid({ path: "query.sprint", message: `expected the id of a sprint for ${of}` });
  }
  const dataset = { sprints: "sprints", issues: "scope", burndown: "burndown" } as const;
  await assertComputed(services, dataset[of]);
  const statements = {
    sprints: `select * from ${figureDatasets.sprints} where ({{board}} is null or board_id = {{board}})
      and ({{sprint}} is null or sprint_id = {{sprint}}) order by start_at desc, sprint_id desc`,
    issues: `select * from ${figureDatasets.scope} where sprint_id = {{sprint}} order by happened_at, issue_id, position`,
    burndown: `select * from ${figureDatasets.burndown} where sprint_id = {{sprint}} order by happened_at`,
  } as const;
  const values = { board: board ?? null, sprint: sprint ?? null };
  const name = sprint === undefined ? "sprints" : `sprint-${sprint}-${of}`;
  return await exportFigures(services, { sql: statements[of], values, signal }, { format, name });
}

/** Which rows of the scope a number is made of, and what each adds to it. */
const numbers: Readonly<Record<SprintNumber, { readonly condition: string; readonly points: string }>> = {
  committed: { condition: "x.is_start and (x.is_in_scope or x.scope_delta <> 0)", points: "x.scope_delta" },
  added: { condition: "not x.is_start and (x.scope_delta > 0 or x.change = 'added')", points: "x.scope_delta" },
  removed: { condition: "not x.is_start and (x.scope_delta < 0 or x.change = 'removed')", points: "-x.scope_delta" },
  completed: { condition: "x.is_last and x.is_completed", points: "x.scope_points" },
  carried_over: { condition: "x.is_last and x.is_in_scope and not x.is_completed", points: "x.scope_points" },
};

const sprintPlace = z.tuple([z.number(), z.number()]);
const issuePlace = z.tuple([z.number(), z.string(), z.number()]);

async function listBoards(
  services: FigureServices,
  published: ReadonlySet<FigureDataset>,
  signal: AbortSignal,
): Promise<SprintPage["boards"]> {
  const name = published.has("boards") ? "any_value(b.name)" : "null";
  const join = published.has("boards") ? `left join ${figureDatasets.boards} b on b.id = s.board_id` : "";
  const sql = `select s.board_id, ${name} as name from ${figureDatasets.sprints} s ${join}
    where s.board_id is not null group by s.board_id order by name, s.board_id`;
  const rows = await readFigures(services, { sql, signal }, maxBoards);
  return rows.map((row) => ({ board_id: countOf(row["board_id"]), name: textOf(row["name"]) }));
}

/** The summary and type are those of the collected issue; the key is also known from its figures. */
function issueColumns(published: ReadonlySet<FigureDataset>): string {
  if (published.has("issues")) return "i.key, i.summary, i.type";
  return published.has("issueMetrics")
    ? "i.key, null as summary, i.type"
    : "null as key, null as summary, null as type";
}

function issueJoin(published: ReadonlySet<FigureDataset>): string {
  if (published.has("issues")) return `left join ${figureDatasets.issues} i on i.id = x.issue_id`;
  return published.has("issueMetrics") ? `left join ${figureDatasets.issueMetrics} i on i.issue_id = x.issue_id` : "";
}

function toSprint(row: ShownRow): Sprint {
  return {
    sprint_id: countOf(row["sprint_id"]),
    board_id: numberOf(row["board_id"]),
    name: textOf(row["name"]),
    state: row["state"] === "closed" ? "closed" : "active",
    start_at: instantOfRow(row["start_ms"]),
    end_at: instantOf(row["end_ms"]),
    closed_at: instantOf(row["closed_ms"]),
    points: toFigures(row, "points"),
    issues: toFigures(row, "issues"),
    unestimated_issues: countOf(row["unestimated_issues"]),
    coverage: numberOf(row["coverage"]),
    completion_rate: numberOf(row["completion_rate"]),
    completed_share: numberOf(row["completed_share"]),
    velocity_points: numberOf(row["velocity_points"]),
    velocity_sprints: numberOf(row["velocity_sprints"]),
  };
}

function toFigures(row: ShownRow, unit: "points" | "issues"): SprintFigures {
  return {
    committed: countOf(row[`committed_${unit}`]),
    added: countOf(row[`added_${unit}`]),
    removed: countOf(row[`removed_${unit}`]),
    scope: countOf(row[`scope_${unit}`]),
    completed: countOf(row[`completed_${unit}`]),
    carried_over: numberOf(row[`carried_over_${unit}`]),
  };
}

function toIssue(row: ShownRow): SprintIssue {
  return {
    issue_id: textOf(row["issue_id"]) ?? "",
    key: textOf(row["key"]),
    summary: textOf(row["summary"]),
    type: textOf(row["type"]),
    at: instantOfRow(row["at_ms"]),
    change: textOf(row["change"]) ?? "",
    points: countOf(row["points"]),
    is_estimated: row["is_estimated"] === true,
  };
}
