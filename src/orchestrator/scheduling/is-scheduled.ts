// Decides whether a project still gives a job a schedule. A store keeps the schedules that no project has any more
// until somebody removes them.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Schedule } from "../../core/schedule/schedule.ts";

interface Scheduled {
  readonly schedule: Schedule | undefined;
}

export interface ScheduledDefinitions {
  readonly jobs: ReadonlyMap<string, Scheduled>;
  readonly pipelines: ReadonlyMap<string, Scheduled>;
}

/** Otherwise no scheduler of this project fires it. */
export function isScheduled({ jobs, pipelines }: ScheduledDefinitions, name: string): boolean {
  return (jobs.get(name) ?? pipelines.get(name))?.schedule !== undefined;
}

/** @throws MillraceError `TRANSITION_INVALID` for a schedule that the project has: it would be there again with the next start */
export function assertRemovable(definitions: ScheduledDefinitions, name: string): void {
  if (!isScheduled(definitions, name)) return;
  throw new MillraceError("TRANSITION_INVALID", `cannot remove the schedule of \`${name}\`: the project defines it`, {
    hint: "take `schedule` out of the definition first, or pause the schedule",
  });
}
