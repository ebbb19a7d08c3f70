// What a team lead wants to see, as text; and, of the organisation on this machine, whether it is true.
import { mkdir, writeFile } from "node:fs/promises";
import { defineJob, type JobContext } from "millrace";
import { isLocal } from "../accounts.ts";

export default defineJob({
  name: "pulse_report",
  schedule: { cron: "0 8 * * 1" },
  inputs: ["delivery_dora", "delivery_deployments", "delivery_changes", "sprint_metrics"],
  async execute(ctx) {
    const lines = [...(await describeDelivery(ctx)), "", ...(await describeSprints(ctx)), ...(await compare(ctx))];
    const summary = lines.join("\n");
    await mkdir(ctx.path("out"), { recursive: true });
    await writeFile(ctx.path("out/report.txt"), `${summary}\n`);
    return { summary };
  },
});

async function describeDelivery(ctx: JobContext): Promise<readonly string[]> {
  const rows = await ctx.sql`
    select service,
      coalesce(max(value) filter (metric = 'deployments'), 0)::int as deployments,
      round(max(value) filter (metric = 'change_lead_time') / 3600, 1) as lead_hours,
      round(max(value) filter (metric = 'change_fail_rate') * 100, 1) as fail_percent,
      round(max(value) filter (metric = 'failed_deployment_recovery_time') / 3600, 1) as recovery_hours,
      round(max(value) filter (metric = 'deployment_rework_rate') * 100, 1) as rework_percent
    from delivery_dora where period = 'all'
    group by service having deployments > 0 order by deployments desc, service limit 10`;
  return [
    "the ten services that deploy most",
    line(["service", "deployments", "lead time", "fail rate", "recovery", "rework"]),
    ...rows.map((row) =>
      line([
        String(row["service"]),
        String(row["deployments"]),
        shown(row["lead_hours"], " h"),
        shown(row["fail_percent"], " %"),
        shown(row["recovery_hours"], " h"),
        shown(row["rework_percent"], " %"),
      ]),
    ),
  ];
}

async function describeSprints(ctx: JobContext): Promise<readonly string[]> {
  const rows = await ctx.sql`
    select name, committed_points, added_points, removed_points, completed_points, carried_over_points
    from sprint_metrics where completed_points is not null order by start_at desc, sprint_id limit 6`;
  return [
    "the newest sprints, in points",
    line(["sprint", "committed", "added", "removed", "completed", "carried over"]),
    ...rows.map(({ name, ...points }) =>
      line([String(name), ...Object.values(points).map((value) => shown(value, ""))]),
    ),
  ];
}

/** Of your own organisation nobody knows the truth. */
async function compare(ctx: JobContext): Promise<readonly string[]> {
  if (!isLocal) return [];
  const { describeTruth } = await import("../organisation/describe-truth.ts");
  return ["", ...(await describeTruth(ctx))];
}

/** What is unknown is no number. */
function shown(value: unknown, unit: string): string {
  return typeof value === "number" ? `${value}${unit}` : "unknown";
}

function line([first = "", ...others]: readonly string[]): string {
  return `${first.padEnd(24)}${others.map((text) => text.padStart(14)).join("")}`;
}
