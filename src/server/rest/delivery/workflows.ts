// What statuses mean in each project, and how people change it. A change is a run of the job that keeps the mapping: it goes on when its
// worker dies, and its history says who asked for it.
import type {
  PutWorkflowResult,
  Workflow,
  WorkflowEdit,
  WorkflowStatus,
  WorkflowSummary,
} from "../../../api/delivery/workflow.ts";
import type { ShownRow } from "../../../core/dataset/dataset-reader.ts";
import {
  type StatusEdit,
  type StatusMeaning,
  statusMappingName,
  statusMeanings,
  type StatusSaying,
} from "../../../core/delivery/status-mapping.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { toJson } from "../../../orchestrator/attempt/to-json.ts";
import type { Json } from "../../../store/rows/run-records.ts";
import type { CallContext, CallInput, Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import { requireJobName } from "../../require-job.ts";
import type { ServerServices } from "../../server-services.ts";
import {
  computedAt,
  countOf,
  figureDatasets,
  findPublished,
  instantOf,
  instantOfRow,
  readFigures,
  textOf,
} from "./figure-rows.ts";

const { statusMapping, statusEdits } = figureDatasets;
const maxProjects = 1_000;
const maxStatuses = 1_000;
const maxEdits = 200;
const maxEditRows = 10_000;

type Signal = Pick<CallContext, "signal">;

export function createWorkflowHandlers(
  services: ServerServices,
): Handlers<"listWorkflows" | "showWorkflow" | "putWorkflow"> {
  return {
    listWorkflows: async (_input, { signal }) => ({ items: await listWorkflows(services, signal) }),
    showWorkflow: ({ params }, { signal }) => showWorkflow(services, params.project_key, signal),
    putWorkflow: (input, context) => putWorkflow(services, input, context),
  };
}

async function listWorkflows(services: ServerServices, signal: AbortSignal): Promise<readonly WorkflowSummary[]> {
  if (!(await findPublished(services, ["statusMapping"])).has("statusMapping")) return [];
  const sql = `select project_key, max(version) as version, count(*) as statuses, count(*) filter (where is_waiting) as waiting,
      count(*) filter (where category = 'undefined') as unknown, arg_max(edited_by, edited_at) as edited_by,
      epoch_ms(max(edited_at)) as edited_ms
    from ${statusMapping} group by project_key order by project_key`;
  const rows = await readFigures(services, { sql, signal }, maxProjects);
  return rows.map((row) => ({
    project_key: textOf(row["project_key"]) ?? "",
    version: countOf(row["version"]),
    statuses: countOf(row["statuses"]),
    waiting: countOf(row["waiting"]),
    unknown: countOf(row["unknown"]),
    edited_by: textOf(row["edited_by"]),
    edited_at: instantOf(row["edited_ms"]),
  }));
}

/** @throws MillraceError `THING_UNKNOWN` */
async function showWorkflow(services: ServerServices, project: string, signal: AbortSignal): Promise<Workflow> {
  const published = await findPublished(services, ["statusMapping", "statusEdits"]);
  const values = { project };
  const sql = `select status_id, status_name, to_json(types) as types, is_current, jira_category, category, is_category_said, is_waiting,
      is_waiting_said, version, edited_by, epoch_ms(edited_at) as edited_ms
    from ${statusMapping} where project_key = {{project}} order by is_current desc, lower(status_name), status_id`;
  const rows = published.has("statusMapping") ? await readFigures(services, { sql, values, signal }, maxStatuses) : [];
  const [first] = rows;
  if (first === undefined) {
    throw new MillraceError("THING_UNKNOWN", `no statuses of project \`${project}\` were collected`, {
      hint: `a run of \`${statusMappingName}\` makes them of what was collected of Jira`,
    });
  }
  const edits = published.has("statusEdits") ? await listEdits(services, project, { signal }) : [];
  return {
    project_key: project,
    version: countOf(first["version"]),
    statuses: rows.map(toStatus),
    edits,
    computed_at: await computedAt(services, "statusMapping"),
  };
}

async function listEdits(services: ServerServices, project: string, { signal }: Signal): Promise<WorkflowEdit[]> {
  const sql = `select version, status_id, category, is_waiting, reason, edited_by, epoch_ms(edited_at) as edited_ms
    from ${statusEdits} where project_key = {{project}} order by version desc, status_id`;
  const rows = await readFigures(services, { sql, values: { project }, signal }, maxEditRows);
  const versions = Map.groupBy(rows, (row) => countOf(row["version"]));
  return [...versions].slice(0, maxEdits).map(([version, of]) => ({
    version,
    edited_by: textOf(of[0]?.["edited_by"]) ?? "",
    edited_at: instantOfRow(of[0]?.["edited_ms"]),
    reason: textOf(of[0]?.["reason"]),
    statuses: of.map(toSaying),
  }));
}

async function putWorkflow(
  services: ServerServices,
  { params: { project_key: project }, body: { version: seen, statuses, reason } }: CallInput<"putWorkflow">,
  { caller, signal }: CallContext,
): Promise<PutWorkflowResult> {
  const now = await showWorkflow(services, project, signal);
  const newest = Math.max(now.version, now.edits[0]?.version ?? 0);
  if (newest !== seen) {
    const message = `expected version \`${seen}\` of the workflow of \`${project}\` to be the newest, got: \`${newest}\``;
    throw new MillraceError("VERSION_CONFLICT", message, { hint: "look at it again and decide anew" });
  }
  assertKnown(now, statuses);
  await requireJobName(services, statusMappingName);
  const edit: StatusEdit = {
    project_key: project,
    version: seen + 1,
    statuses,
    edited_by: caller.name,
    edited_at: new Date(Date.now()).toISOString(),
    ...(reason === undefined ? {} : { reason }),
  };
  const params = toJson({ edit }) as Readonly<Record<string, Json>>;
  const { rootRunId } = await services.submit(statusMappingName, { params, createdBy: caller.name });
  return { version: edit.version, run_id: formatRunId(rootRunId) };
}

/** @throws MillraceError `REQUEST_INVALID` naming the first status that is not one of the project, or comes twice */
function assertKnown(workflow: Workflow, statuses: readonly StatusSaying[]): void {
  const known = new Set(workflow.statuses.map(({ status_id: id }) => id));
  for (const [index, { status_id: id }] of statuses.entries()) {
    const path = `body.statuses.${index}.status_id`;
    if (!known.delete(id)) throw requestInvalid({ path, message: "expected a status of the project, each once" });
  }
}

function toStatus(row: ShownRow): WorkflowStatus {
  return {
    status_id: textOf(row["status_id"]) ?? "",
    name: textOf(row["status_name"]),
    types: toTexts(row["types"]),
    is_current: row["is_current"] === true,
    jira_category: toMeaning(row["jira_category"]),
    category: toMeaning(row["category"]),
    is_category_said: row["is_category_said"] === true,
    is_waiting: row["is_waiting"] === true,
    is_waiting_said: row["is_waiting_said"] === true,
    edited_by: textOf(row["edited_by"]),
    edited_at: instantOf(row["edited_ms"]),
  };
}

function toSaying(row: ShownRow): StatusSaying {
  const { category, is_waiting: isWaiting } = row;
  return {
    status_id: textOf(row["status_id"]) ?? "",
    category: typeof category === "string" ? toMeaning(category) : null,
    is_waiting: typeof isWaiting === "boolean" ? isWaiting : null,
  };
}

function toMeaning(value: unknown): StatusMeaning {
  return statusMeanings.find((meaning) => meaning === value) ?? "undefined";
}

/** Lists come as JSON. */
function toTexts(value: unknown): readonly string[] {
  const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return Array.isArray(parsed) ? parsed.filter((item) => typeof item === "string") : [];
}
