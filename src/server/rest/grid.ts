// Past runs of a pipeline as columns, its member jobs as rows.
import type { Grid } from "../../api/job.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { GridRow } from "../../store/browse/browse-store.ts";
import type { Handlers } from "../handler.ts";
import { requireJobName } from "../require-job.ts";
import { toKeyset } from "../views/run-page.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";
import { durationOf } from "../views/runs/to-run.ts";

const defaultColumns = 30;

export function createGridHandlers(services: ServerServices): Handlers<"showGrid"> {
  const { store } = services;
  return {
    async showGrid({ params: { job_name: name }, query: { cursor, limit = defaultColumns } }) {
      await requireJobName(services, name);
      const { rows, nextBefore } = await store.listGrid(name, toKeyset(cursor).before, limit);
      const names = listRows(services, name, rows);
      return {
        job_names: names,
        columns: rows.map((row) => toColumn(row, names)),
        next_cursor: nextBefore === undefined ? null : formatRunId(nextBefore),
      };
    },
  };
}

// In the order of the pipeline as it is now, then members that only these past runs had. A job is its own single row.
function listRows({ definitions }: ServerServices, name: string, rows: readonly GridRow[]): readonly string[] {
  const { pipelines, jobs } = definitions();
  const defined =
    pipelines
      .get(name)
      ?.nodes()
      .map(({ job }) => job.name) ?? (jobs.has(name) ? [name] : []);
  const past = rows.flatMap(({ members }) => members.map(({ job }) => job));
  return [...new Set([...defined, ...past])];
}

function toColumn({ run, members }: GridRow, names: readonly string[]): Grid["columns"][number] {
  const memberOf = new Map(members.map((member) => [member.job, member]));
  // The run of a job has no members, and is the cell of its own row.
  if (members.length === 0) memberOf.set(run.job, { ...run, reason: undefined });
  return {
    run_id: formatRunId(run.runId),
    state: run.state,
    created_at: toInstant(run.createdAtMs),
    duration_ms: durationOf(run) ?? null,
    cells: names.map((name) => toCell(memberOf.get(name))),
  };
}

function toCell(member: GridRow["members"][number] | undefined): Grid["columns"][number]["cells"][number] {
  if (member === undefined) return null;
  return {
    run_id: formatRunId(member.runId),
    state: member.state,
    reason: member.reason ?? null,
    duration_ms: durationOf(member) ?? null,
  };
}
