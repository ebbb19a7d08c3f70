// The rules by which delivery is measured: what is production, what an incident is, what counts as waiting. They have a version, a hash
// of all that they say, so that a change of the rules is known from a change of the data.
import { createHash } from "node:crypto";
import { type Duration, parseDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type SettledCalendar, settleCalendar, type WorkingCalendar } from "../calendar/working-calendar.ts";

/** A text is compared as it is, without regard to capitals; an expression may match anywhere. */
export type NamePattern = string | RegExp;

/** What is deployed, and measured, as one. */
export interface ServiceRule {
  readonly name: string;
  /** Full names, such as `acme/shop`. */
  readonly repositories: readonly NamePattern[];
  /** Default: those of `production`. Services that share a repository need environments of their own. */
  readonly environments?: readonly NamePattern[];
}

export interface JiraIncidentRule {
  /** Default: `Incident`. */
  readonly types?: readonly string[];
  /** Issues with one of these labels are incidents, too. Default: none. */
  readonly labels?: readonly string[];
  /** The service of an issue that names none, by the key of its project. Default: none. */
  readonly projects?: Readonly<Record<string, string>>;
}

export interface IncidentRules {
  readonly jira?: JiraIncidentRule;
  /** How long after a deployment an incident that names none may be of it. Default `48h`. */
  readonly maxGap?: Duration;
  /** Whether a pull request that reverts another one says that its deployment failed. Default true. */
  readonly reverts?: boolean;
  /** Whether a deployment of an older commit says that the one before it failed. Default true. */
  readonly rollbacks?: boolean;
  /** Whether `failure` or `error` after a success says that a deployment failed; before one it is a pipeline that failed. Default false. */
  readonly statuses?: boolean;
}

export interface HotfixRules {
  /** Default: `hotfix`. */
  readonly labels?: readonly string[];
  /** Branches of pull requests and refs of deployments. Default: `hotfix/…` and `hotfix-…`. */
  readonly branches?: readonly NamePattern[];
  /** How long after a failure is repaired a fix still counts as caused by it. Default `7d`. */
  readonly within?: Duration;
}

export interface TeamRule {
  readonly members: readonly string[];
  /** Where its hours and weekdays are. Default: that of the rules. */
  readonly timezone?: string;
}

export interface PeopleRules {
  /** Of fewer people nothing is said. At least 2; default 5. */
  readonly least?: number;
  /** How far back patterns of commits and the bus factor look, from the newest commit. Default `180d`. */
  readonly within?: Duration;
}

export interface DeliveryRules {
  /** Default: each repository is a service with its full name. */
  readonly services?: readonly ServiceRule[];
  /** Default: environments that begin with `prod`. */
  readonly production?: { readonly environments: readonly NamePattern[] };
  /** Within this time the same commit in several environments is one deployment. Default `1h`. */
  readonly sameDeployment?: Duration;
  readonly incidents?: IncidentRules;
  readonly hotfixes?: HotfixRules;
  /** Where days and weeks begin, of Monday. Default `UTC`. */
  readonly timezone?: string;
  /** When people work, in `timezone`: a second series of times beside those of the clock. Default: none, and there is no such series. */
  readonly calendar?: WorkingCalendar;
  /** Beside those that GitHub calls bots. Default: names that end in `[bot]` or `-bot`. */
  readonly bots?: readonly NamePattern[];
  /** Logins by team, for figures of collaboration. Default: everybody is in `no team`. */
  readonly teams?: Readonly<Record<string, readonly string[] | TeamRule>>;
  readonly people?: PeopleRules;
  /** How long nothing has to happen to an open pull request that is no draft until it is stale. Default `14d`. */
  readonly staleAfter?: Duration;
  /** Below so many values a figure is marked as of few. Default 5. */
  readonly leastValues?: number;
}

/** Rules with their defaults; times in seconds. */
export interface SettledRules {
  readonly services: readonly ServiceRule[];
  readonly production: readonly NamePattern[];
  readonly sameDeploymentSeconds: number;
  readonly incidents: {
    readonly types: readonly string[];
    readonly labels: readonly string[];
    readonly projects: Readonly<Record<string, string>>;
    readonly maxGapSeconds: number;
    readonly reverts: boolean;
    readonly rollbacks: boolean;
    readonly statuses: boolean;
  };
  readonly hotfixLabels: readonly string[];
  readonly hotfixBranches: readonly NamePattern[];
  readonly hotfixSeconds: number;
  readonly timezone: string;
  readonly calendar: SettledCalendar | null;
  readonly bots: readonly NamePattern[];
  readonly teams: Readonly<Record<string, TeamRule>>;
  readonly leastPeople: number;
  readonly peopleWindowSeconds: number;
  readonly staleSeconds: number;
  readonly leastValues: number;
  /** Twelve hexadecimal digits; the same for the same rules. */
  readonly version: string;
}

/** The team of people that no rule names, and all teams together. */
export const noTeam = "no team";
export const allTeams = "all";
const reservedTeams: readonly string[] = [noTeam, allTeams];

/** What the statements of this version of the program make of the rules: raised when they come to mean something else. */
const meaning = 1;

/**
 * @throws MillraceError `JOB_INVALID` for a service without a repository or twice, a zone that is none, teams that share a member or have a
 *   name that figures use otherwise, fewer than two people, or a calendar in which nobody works
 */
export function settleRules(where: string, rules: DeliveryRules = {}): SettledRules {
  const { services = [], incidents = {}, hotfixes = {}, timezone = "UTC", people = {} } = rules;
  const teams = toTeams(rules.teams);
  assertServices(where, services);
  assertZone(where, timezone);
  assertTeams(where, teams);
  assertLeast(where, people.least);
  const settled = {
    services,
    production: rules.production?.environments ?? [/^prod/i],
    sameDeploymentSeconds: toSeconds(rules.sameDeployment ?? "1h"),
    incidents: {
      types: incidents.jira?.types ?? ["Incident"],
      labels: incidents.jira?.labels ?? [],
      projects: incidents.jira?.projects ?? {},
      maxGapSeconds: toSeconds(incidents.maxGap ?? "48h"),
      reverts: incidents.reverts ?? true,
      rollbacks: incidents.rollbacks ?? true,
      statuses: incidents.statuses ?? false,
    },
    hotfixLabels: hotfixes.labels ?? ["hotfix"],
    hotfixBranches: hotfixes.branches ?? [/^hotfix[/-]/i],
    hotfixSeconds: toSeconds(hotfixes.within ?? "7d"),
    timezone,
    calendar: settleCalendar(where, rules.calendar),
    bots: rules.bots ?? [/\[bot\]$/i, /-bot$/i],
    teams,
    leastPeople: people.least ?? 5,
    peopleWindowSeconds: toSeconds(people.within ?? "180d"),
    staleSeconds: toSeconds(rules.staleAfter ?? "14d"),
    leastValues: rules.leastValues ?? 5,
  };
  return { ...settled, version: versionOf(settled) };
}

/** A hash of what rules say. */
export function versionOf(rules: unknown): string {
  const text = JSON.stringify([meaning, rules], (_key, value: unknown) =>
    value instanceof RegExp ? String(value) : value,
  );
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** Whether a name is one of those that are meant. */
export function matchesAny(patterns: readonly NamePattern[], name: string): boolean {
  return patterns.some((pattern) =>
    typeof pattern === "string" ? pattern.toLowerCase() === name.toLowerCase() : new RegExp(pattern).test(name),
  );
}

function assertServices(where: string, services: readonly ServiceRule[]): void {
  const names = new Set<string>();
  for (const { name, repositories } of services) {
    if (names.has(name)) throw invalid(where, `expected each service once, got twice: \`${name}\``);
    if (repositories.length === 0) throw invalid(where, `expected service \`${name}\` to have repositories, got: none`);
    names.add(name);
  }
}

/** @throws MillraceError `JOB_INVALID` for a zone that is none */
export function assertZone(where: string, timezone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw invalid(where, `expected \`timezone\` to be a zone such as \`Europe/Berlin\`, got: \`${timezone}\``);
  }
}

function toTeams(teams: DeliveryRules["teams"] = {}): Readonly<Record<string, TeamRule>> {
  return Object.fromEntries(
    Object.entries(teams).map(([name, team]) => [name, "members" in team ? team : { members: team }]),
  );
}

function assertLeast(where: string, least: number | undefined): void {
  if (least === undefined || (Number.isInteger(least) && least >= 2)) return;
  throw invalid(where, `expected \`people.least\` to be an integer of at least 2, got: \`${least}\``);
}

function assertTeams(where: string, teams: Readonly<Record<string, TeamRule>>): void {
  const seen = new Map<string, string>();
  for (const [team, { members, timezone }] of Object.entries(teams)) {
    if (reservedTeams.includes(team)) {
      throw invalid(where, `expected another name of a team than \`${reservedTeams.join("`, `")}\`, got: \`${team}\``);
    }
    if (timezone !== undefined) assertZone(where, timezone);
    for (const member of members) {
      const other = seen.get(member);
      if (other !== undefined) {
        throw invalid(where, `expected each login in one team, got \`${other}\` and \`${team}\` of: \`${member}\``);
      }
      seen.set(member, team);
    }
  }
}

function invalid(where: string, message: string): MillraceError {
  return new MillraceError("JOB_INVALID", `${where}: ${message}`);
}

function toSeconds(duration: Duration): number {
  return Math.round(parseDuration(duration) / 1000);
}
