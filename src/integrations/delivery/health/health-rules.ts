// What the health of a project is made of: parts with a weight, and between which values each is bad or good.
import { MillraceError } from "../../../core/errors/errors.ts";
import { assertZone, versionOf } from "../rules/rules.ts";

export type HealthPart =
  | "cycle_time"
  | "throughput"
  | "wip_age"
  | "flow_efficiency"
  | "reopened"
  | "bugs"
  | "sprint_completion"
  | "change_fail_rate";

export interface HealthPartRule {
  /** 0 leaves the part out. */
  readonly weight?: number;
  /** From here on 100 of 100; in seconds, or a share. */
  readonly good?: number;
  /** From here on 0. */
  readonly bad?: number;
}

export interface HealthRules {
  readonly parts?: Readonly<Partial<Record<HealthPart, HealthPartRule>>>;
  /** Services of a project, by its key, for `change_fail_rate`. Default: none. */
  readonly services?: Readonly<Record<string, readonly string[]>>;
  /** Types of issues that are bugs. Default `Bug`. */
  readonly bugs?: readonly string[];
  /** Where months begin. Default `UTC`. */
  readonly timezone?: string;
  /** A part of fewer values has no score. Default 5. */
  readonly leastValues?: number;
  /** A project has no score where parts with less of the weight than this have one. Default 0.5. */
  readonly leastCoverage?: number;
}

export interface SettledHealthPart {
  readonly part: HealthPart;
  readonly unit: string;
  readonly weight: number;
  readonly good: number;
  readonly bad: number;
}

export interface SettledHealthRules {
  readonly parts: readonly SettledHealthPart[];
  readonly services: Readonly<Record<string, readonly string[]>>;
  readonly bugs: readonly string[];
  readonly timezone: string;
  readonly leastValues: number;
  readonly leastCoverage: number;
  /** Twelve hexadecimal digits; the same for the same rules. */
  readonly version: string;
}

const day = 86_400;

const defaults: readonly SettledHealthPart[] = [
  { part: "cycle_time", unit: "seconds", weight: 2, good: 3 * day, bad: 21 * day },
  { part: "throughput", unit: "ratio", weight: 1, good: 1, bad: 0.5 },
  { part: "wip_age", unit: "seconds", weight: 1, good: 7 * day, bad: 30 * day },
  { part: "flow_efficiency", unit: "share", weight: 1, good: 0.4, bad: 0.1 },
  { part: "reopened", unit: "share", weight: 1, good: 0, bad: 0.25 },
  { part: "bugs", unit: "share", weight: 1, good: 0.1, bad: 0.5 },
  { part: "sprint_completion", unit: "share", weight: 1, good: 0.9, bad: 0.5 },
  { part: "change_fail_rate", unit: "share", weight: 1, good: 0.05, bad: 0.3 },
];

/** @throws MillraceError `JOB_INVALID` for a part that is none, a weight below 0, no weight at all, bounds that are one, or a zone that is none */
export function settleHealthRules(where: string, rules: HealthRules = {}): SettledHealthRules {
  const { parts: given = {}, timezone = "UTC", leastCoverage = 0.5 } = rules;
  const names = defaults.map(({ part }) => part);
  const unknown = Object.keys(given).find((part) => !names.some((name) => name === part));
  if (unknown !== undefined)
    throw invalid(where, `expected \`parts\` to be of \`${names.join("`, `")}\`, got: \`${unknown}\``);
  const parts = defaults.map((part) => ({ ...part, ...given[part.part] }));
  for (const { part, weight, good, bad } of parts) {
    if (!Number.isFinite(weight) || weight < 0) {
      throw invalid(where, `expected the weight of \`${part}\` to be 0 or more, got: \`${weight}\``);
    }
    if (!Number.isFinite(good) || !Number.isFinite(bad) || good === bad) {
      throw invalid(
        where,
        `expected \`good\` and \`bad\` of \`${part}\` to be two numbers, got: \`${good}\` and \`${bad}\``,
      );
    }
  }
  if (parts.every(({ weight }) => weight === 0)) throw invalid(where, "expected a part with a weight, got: none");
  if (!(leastCoverage > 0 && leastCoverage <= 1)) {
    throw invalid(where, `expected \`leastCoverage\` to be above 0 and at most 1, got: \`${leastCoverage}\``);
  }
  assertZone(where, timezone);
  const settled = {
    parts: parts.filter(({ weight }) => weight > 0),
    services: rules.services ?? {},
    bugs: rules.bugs ?? ["Bug"],
    timezone,
    leastValues: rules.leastValues ?? 5,
    leastCoverage,
  };
  return { ...settled, version: versionOf(settled) };
}

function invalid(where: string, message: string): MillraceError {
  return new MillraceError("JOB_INVALID", `${where}: ${message}`);
}
