// What each status of each project means, and whether it is one of waiting: what Jira says, and above it what people have said. Every
// version of what they said is kept. A run without an edit only reads what was collected since.
import { z } from "zod";
import {
  type StatusEdit,
  statusEditsName,
  statusMappingName,
  statusMeanings,
} from "../../core/delivery/status-mapping.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, PublishResult } from "../../core/job/job-context.ts";
import { defineJob, type Job } from "../../core/job/job.ts";
import type { JiraSettings } from "./options.ts";

/** Params of a run: what somebody changes, or nothing. */
interface MappingParams {
  readonly edit?: StatusEdit | undefined;
}

const paramsSchema: z.ZodType<MappingParams> = z.object({
  edit: z
    .object({
      project_key: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
      version: z.int().min(1),
      statuses: z
        .array(
          z.object({
            status_id: z.string().regex(/^\d{1,18}$/),
            category: z.enum(statusMeanings).nullable(),
            is_waiting: z.boolean().nullable(),
          }),
        )
        .min(1),
      edited_by: z.string(),
      edited_at: z.iso.datetime({ offset: true }),
      reason: z.string().optional(),
    })
    .optional(),
});

/** Names of the datasets that the job reads and makes. */
interface MappingDatasets {
  readonly mapping: string;
  readonly edits: string;
  readonly inputs: readonly string[];
  readonly prefix: string;
}

/**
 * The job that makes `jira_workflow_mapping` and `jira_workflow_edits`. Its runs follow one another, so that of two people who have seen the
 * same version only one changes it.
 */
export function createWorkflowMapping({ prefix, retry }: JiraSettings): Job {
  const own = (name: string): string => `${prefix}${name.slice("jira_".length)}`;
  const inputs = ["workflows", "statuses", "issues", "changes"].map((name) => `${prefix}${name}`);
  const datasets = { mapping: own(statusMappingName), edits: own(statusEditsName), inputs, prefix };
  return defineJob({
    name: datasets.mapping,
    description: "what statuses mean in each project, with what people have said of them",
    purpose: "processing",
    params: paramsSchema,
    concurrency: 1,
    inputs,
    outputs: [datasets.mapping, datasets.edits],
    ...(retry === undefined ? {} : { retry }),
    execute: (ctx) => mapStatuses(ctx, datasets),
  });
}

async function mapStatuses(
  ctx: JobContext<unknown, MappingParams>,
  datasets: MappingDatasets,
): Promise<{ readonly rows: number }> {
  const { edit } = ctx.params;
  if (edit !== undefined) await assertNext(ctx, datasets, edit);
  // a run that dies between both says it again, which changes nothing
  await publish(ctx, editRows(edit), {
    inputs: [],
    output: { dataset: datasets.edits, mode: "insert_only", key: ["project_key", "status_id", "version"] },
  });
  const { dataset } = await publish(ctx, mappingSql(datasets), {
    inputs: [...datasets.inputs, datasets.edits],
    output: { dataset: datasets.mapping, mode: "replace", key: ["project_key", "status_id"] },
  });
  return { rows: dataset.rowCount };
}

/** @throws MillraceError `VERSION_CONFLICT` when somebody else was faster */
async function assertNext(
  ctx: JobContext<unknown, MappingParams>,
  { edits }: MappingDatasets,
  { project_key: project, version, edited_at: at, edited_by: by }: StatusEdit,
): Promise<void> {
  const isOwn = `version = ${version} and edited_at = ${instant(at)} and edited_by = ${text(by)}`;
  const sql = `select max(version) as newest, coalesce(bool_or(${isOwn}), false) as is_done from "${edits}" where project_key = ${text(project)}`;
  const [row] = (await isPublished(ctx, edits)) ? await ctx.data.query(sql, [edits]) : [];
  const newest = Number(row?.["newest"] ?? 0);
  if (row?.["is_done"] === true || newest === version - 1) return;
  throw new MillraceError(
    "VERSION_CONFLICT",
    `expected version ${version - 1} of the workflow of \`${project}\` to be the newest, got: \`${newest}\``,
    { hint: "somebody changed it meanwhile; look at it again" },
  );
}

async function isPublished(ctx: JobContext<unknown, MappingParams>, dataset: string): Promise<boolean> {
  try {
    await ctx.data.dataset(dataset);
    return true;
  } catch (error) {
    if (error instanceof MillraceError && error.code === "DATASET_UNKNOWN") return false;
    throw error;
  }
}

async function publish(
  ctx: JobContext<unknown, MappingParams>,
  sql: string,
  request: Pick<Parameters<JobContext["data"]["publish"]>[0], "inputs" | "output">,
): Promise<PublishResult> {
  const published = await ctx.data.publish({ sql, ...request });
  for (const warning of published.warnings) ctx.log.warn(warning);
  return published;
}

/** One row for each status that the edit speaks of; none without an edit. */
function editRows(edit: StatusEdit | undefined): string {
  const columns = "project_key, status_id, version, category, is_waiting, reason, edited_by, edited_at";
  if (edit === undefined) {
    return `select * from (select null::varchar, null::varchar, null::bigint, null::varchar, null::boolean, null::varchar, null::varchar,
      null::timestamptz) empty(${columns}) where false`;
  }
  const said = (value: string | null | undefined): string =>
    value === null || value === undefined ? "null::varchar" : text(value);
  const rows = edit.statuses.map(
    ({ status_id: id, category, is_waiting: isWaiting }) =>
      `(${text(edit.project_key)}, ${text(id)}, ${edit.version}::bigint, ${said(category)}, ${String(isWaiting)}::boolean, ${said(edit.reason)},
        ${text(edit.edited_by)}, ${instant(edit.edited_at)})`,
  );
  return `select * from (values ${rows.join(", ")}) said(${columns})`;
}

/**
 * A row for each project and status: those that its types of issues can have, are in, or were in. A status is one of waiting when it is
 * said to be, else by how its name begins. A change may name a status by its id alone.
 */
function mappingSql({ prefix: p, edits }: MappingDatasets): string {
  return `with seen as (
  select project_key, status_id, status_name as name, type from ${p}workflows
  union all select project_key, status_id, status_name, null from ${p}issues
  union all select i.project_key, c.to_value, c.to_text, null from ${p}changes c join ${p}issues i on i.id = c.issue_id where c.field = 'status'
  union all select i.project_key, c.from_value, c.from_text, null from ${p}changes c join ${p}issues i on i.id = c.issue_id where c.field = 'status'
), of_projects as (
  select project_key, status_id, max(nullif(trim(name), '')) as name, coalesce(list(distinct type order by type) filter (where type is not null), []) as types
  from seen where project_key is not null and status_id <> '' group by all
), said as (
  select * from ${edits} qualify row_number() over (partition by project_key, status_id order by version desc) = 1
), versions as (
  select project_key, max(version) as version from ${edits} group by all
), known as (
  select s.project_key, s.status_id, coalesce(t.name, s.name) as status_name, s.types, len(s.types) > 0 as is_current,
    coalesce(t.category_key, 'undefined') as jira_category
  from of_projects s left join ${p}statuses t on t.id = s.status_id
)
select k.*, coalesce(said.category, k.jira_category) as category, said.category is not null as is_category_said,
  coalesce(said.is_waiting, regexp_matches(k.status_name, '^(waiting|blocked|on hold)', 'i'), false) as is_waiting,
  said.is_waiting is not null as is_waiting_said, coalesce(v.version, 0)::bigint as version,
  said.edited_by, said.edited_at
from known k left join said using (project_key, status_id) left join versions v using (project_key)`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function instant(value: string): string {
  return `timestamptz ${text(value)}`;
}
