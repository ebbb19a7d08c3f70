// Compares figures with those that are true of the organisation on this machine, which knows them from how it was made.
import type { JobContext } from "millrace";
import { organisation } from "./organisation.ts";

/** A line for each kind of figure: how many there are, and how many of them are right. */
export async function describeTruth(ctx: JobContext): Promise<readonly string[]> {
  const { truth } = organisation;
  const deployments = await ctx.sql`
    select service, deployment_id, epoch(deployed_at)::bigint as deployed_at, is_baseline, is_failed,
      epoch(restored_at)::bigint as restored_at, is_unplanned
    from delivery_deployments`;
  const changes = await ctx.sql`
    select service, repository_id, number, deployment_id, coding_seconds, pickup_seconds, review_seconds, merge_wait_seconds,
      deploy_seconds, lead_seconds
    from delivery_changes`;
  const sprints = await ctx.sql`
    select sprint_id, committed_points, added_points, removed_points, completed_points, carried_over_points, committed_issues,
      completed_issues, unestimated_issues
    from sprint_metrics`;
  return [
    "beside the truth",
    compare("deployments", deployments, truth.deployments, (row) => [
      row.service,
      row.deploymentId,
      toSeconds(row.deployedAt),
      row.isBaseline,
      row.isFailed,
      toSeconds(row.restoredAt),
      row.isUnplanned,
    ]),
    compare("changes", changes, truth.changes, (row) => [
      row.service,
      row.repositoryId,
      row.number,
      row.deploymentId,
      row.codingSeconds,
      row.pickupSeconds,
      row.reviewSeconds,
      row.mergeWaitSeconds,
      row.deploySeconds,
      row.leadSeconds,
    ]),
    compare("sprints", sprints, truth.sprints, (row) => [
      row.sprintId,
      row.committedPoints,
      row.addedPoints,
      row.removedPoints,
      row.completedPoints,
      row.carriedOverPoints,
      row.committedIssues,
      row.completedIssues,
      row.unestimatedIssues,
    ]),
  ];
}

function compare<True>(
  name: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  truth: readonly True[],
  valuesOf: (row: True) => readonly unknown[],
): string {
  const made = new Set(rows.map((row) => toText(Object.values(row))));
  const right = truth.filter((row) => made.has(toText(valuesOf(row)))).length;
  return `${name.padEnd(24)}${right} of ${truth.length} are as they were made`;
}

function toText(values: readonly unknown[]): string {
  return values.map(String).join("\t");
}

function toSeconds(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant) / 1_000;
}
