// The rules by which work in Jira is measured: what a status means, and which time counts as waiting.
import { MillraceError } from "../../../core/errors/errors.ts";
import { type SettledCalendar, settleCalendar, type WorkingCalendar } from "../calendar/working-calendar.ts";
import { assertZone, type NamePattern, versionOf } from "./rules.ts";

export type StatusCategory = "new" | "indeterminate" | "done";

export interface IssueRules {
  /** What statuses mean, by id or name, where Jira says something else or does not know them any more. Default: what Jira says. */
  readonly statuses?: Readonly<Record<string, StatusCategory>>;
  /** Statuses in which nobody works on an issue, by name or id. Default: names that begin with `waiting`, `blocked` or `on hold`. */
  readonly waiting?: readonly NamePattern[];
  /** How many closed sprints the velocity is the mean of. Default 5. */
  readonly velocitySprints?: number;
  /** Types that are not issues of a team, such as incidents, in throughput. Default: none. */
  readonly leaveOut?: readonly string[];
  /** Where days and weeks begin, of Monday. Default `UTC`. */
  readonly timezone?: string;
  /** When people work, in `timezone`: a second series of times beside those of the clock. Default: none, and there is no such series. */
  readonly calendar?: WorkingCalendar;
}

export interface SettledIssueRules {
  readonly statuses: Readonly<Record<string, StatusCategory>>;
  readonly waiting: readonly NamePattern[];
  readonly velocitySprints: number;
  readonly leaveOut: readonly string[];
  readonly timezone: string;
  readonly calendar: SettledCalendar | null;
  /** Twelve hexadecimal digits; the same for the same rules. */
  readonly version: string;
}

/** @throws MillraceError `JOB_INVALID` for a category that is none, a velocity of no sprint, a zone or calendar that is none */
export function settleIssueRules(where: string, rules: IssueRules = {}): SettledIssueRules {
  const { statuses = {}, velocitySprints = 5 } = rules;
  for (const [status, category] of Object.entries<string>(statuses)) {
    if (["new", "indeterminate", "done"].includes(category)) continue;
    const expected = "expected `new`, `indeterminate` or `done`";
    throw new MillraceError(
      "JOB_INVALID",
      `${where}: ${expected} as what status \`${status}\` means, got: \`${category}\``,
    );
  }
  if (!Number.isInteger(velocitySprints) || velocitySprints < 1) {
    const expected = "expected `velocitySprints` to be a positive integer";
    throw new MillraceError("JOB_INVALID", `${where}: ${expected}, got: \`${velocitySprints}\``);
  }
  assertZone(where, rules.timezone ?? "UTC");
  const settled = {
    statuses,
    waiting: rules.waiting ?? [/^(?:waiting|blocked|on hold)/i],
    velocitySprints,
    leaveOut: rules.leaveOut ?? [],
    timezone: rules.timezone ?? "UTC",
    calendar: settleCalendar(where, rules.calendar),
  };
  return { ...settled, version: versionOf(settled) };
}
