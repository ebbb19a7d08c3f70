// What a check is by itself, before there is data: which rule, which severity, which name.
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Check, CheckRule, CheckSeverity } from "../../core/dataset/check.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { assertTexts } from "../../core/errors/known-options.ts";

/** The rule's key, e.g. `notNull`. */
export type CheckKind = keyof UnionToIntersection<CheckRule>;

/** A check whose rule, severity and name are settled. */
export interface NamedCheck {
  readonly name: string;
  readonly severity: CheckSeverity;
  readonly kind: CheckKind;
  readonly rule: CheckRule;
}

/**
 * Settles rule, severity and name of each check. Names are unique: a repeated one gets `_2`, `_3`, …
 * @throws MillraceError `JOB_INVALID` naming the check that is wrong
 */
export function nameChecks(checks: readonly Check[]): NamedCheck[] {
  const used = new Set<string>();
  return checks.map((check, index) => {
    const kind = kindOf(check, index);
    const { severity = "block" } = check;
    assertSeverity(kind, severity);
    assertRule(kind, ruleValue(check, kind));
    const name = unusedName(check.name ?? defaultName(kind, ruleValue(check, kind)), used);
    return { name, severity, kind, rule: check };
  });
}

/** Whether the rule judges each row by itself. */
export function isRowLevel(kind: CheckKind): boolean {
  return rowLevelKinds.includes(kind);
}

/** The datasets that `references` rules look into. */
export function listReferences(checks: readonly Check[]): string[] {
  const references = checks.flatMap((check) => ("references" in check ? Object.values(check.references) : []));
  return [...new Set(references.map((reference) => parseReference(reference).dataset))];
}

/** `airports.iata` → dataset and column. @throws MillraceError `JOB_INVALID` */
export function parseReference(reference: string): { dataset: string; column: string } {
  const dot = reference.indexOf(".");
  if (dot > 0 && dot < reference.length - 1) {
    return { dataset: reference.slice(0, dot), column: reference.slice(dot + 1) };
  }
  throw new MillraceError("JOB_INVALID", `expected a reference like \`dataset.column\`, got: \`${reference}\``);
}

type UnionToIntersection<Union> = (Union extends unknown ? (value: Union) => void : never) extends (
  value: infer Intersection,
) => void
  ? Intersection
  : never;

const kinds: readonly CheckKind[] = [
  "notNull",
  "unique",
  "acceptedValues",
  "pattern",
  "range",
  "rowCount",
  "freshness",
  "references",
  "sql",
];
const rowLevelKinds: readonly CheckKind[] = ["notNull", "acceptedValues", "pattern", "range", "references"];
const severities: readonly CheckSeverity[] = ["block", "warn", "quarantine"];

function kindOf(check: Check, index: number): CheckKind {
  const where = `check ${index + 1}`;
  if (typeof check !== "object" || check === null) {
    throw new MillraceError("JOB_INVALID", `expected ${where} to be an object, got: \`${JSON.stringify(check)}\``);
  }
  const rules = Object.keys(check).filter((key) => key !== "severity" && key !== "name");
  const unknown = rules.find((rule) => !kinds.some((kind) => kind === rule));
  if (unknown !== undefined) {
    throw new MillraceError("JOB_INVALID", `unknown rule \`${unknown}\` of ${where}${suggest(unknown, kinds)}`, {
      hint: `known rules: ${kinds.join(", ")}`,
    });
  }
  const [kind, ...others] = kinds.filter((known) => rules.includes(known));
  if (kind === undefined || others.length > 0) {
    const got = rules.length === 0 ? "none" : rules.join(", ");
    throw new MillraceError("JOB_INVALID", `expected ${where} to have exactly one rule, got: \`${got}\``, {
      hint: `write one check for each rule; known rules: ${kinds.join(", ")}`,
    });
  }
  return kind;
}

function assertSeverity(kind: CheckKind, severity: CheckSeverity): void {
  if (!severities.includes(severity)) {
    const known = suggest(String(severity), severities);
    throw new MillraceError("JOB_INVALID", `unknown severity \`${String(severity)}\` of a \`${kind}\` check${known}`);
  }
  if (severity !== "quarantine" || isRowLevel(kind)) return;
  throw new MillraceError("JOB_INVALID", `a \`${kind}\` check cannot set single rows aside, got: \`quarantine\``, {
    hint: `rules that judge each row by itself can: ${rowLevelKinds.join(", ")}`,
  });
}

function assertRule(kind: CheckKind, value: unknown): void {
  switch (kind) {
    case "notNull":
    case "unique":
      return assertTexts(`\`${kind}\``, value);
    case "sql":
      return assertTexts("`sql` of a check", [value]);
    case "freshness": {
      const { column, within } = value as { column: unknown; within: string };
      assertTexts("`column` of a `freshness` check", [column]);
      parseDuration(within, "within");
      return;
    }
    case "rowCount":
      return assertBounds("`rowCount`", value);
    case "acceptedValues":
    case "pattern":
    case "range":
    case "references":
      return assertColumns(kind, value);
  }
}

function assertColumns(kind: CheckKind, value: unknown): void {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) {
    const got = JSON.stringify(value);
    throw new MillraceError("JOB_INVALID", `expected \`${kind}\` to map columns to their rule, got: \`${got}\``);
  }
  for (const [column, rule] of entries) {
    if (kind === "range") assertBounds(`\`range\` of \`${column}\``, rule);
    if (kind === "references") parseReference(String(rule));
    if (kind === "pattern") assertTexts(`\`pattern\` of \`${column}\``, [rule]);
    if (kind === "acceptedValues" && (!Array.isArray(rule) || rule.length === 0)) {
      const got = JSON.stringify(rule);
      throw new MillraceError("JOB_INVALID", `expected accepted values of \`${column}\` to be a list, got: \`${got}\``);
    }
  }
}

function assertBounds(where: string, value: unknown): void {
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  if (keys.length > 0 && keys.every((key) => key === "min" || key === "max")) return;
  const got = JSON.stringify(value);
  throw new MillraceError("JOB_INVALID", `expected ${where} to have \`min\`, \`max\` or both, got: \`${got}\``);
}

function ruleValue(check: CheckRule, kind: CheckKind): unknown {
  return (check as Readonly<Record<string, unknown>>)[kind];
}

function defaultName(kind: CheckKind, value: unknown): string {
  const words = kind.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (kind === "sql" || kind === "rowCount") return words;
  if (kind === "freshness") return `${words}(${(value as { column: string }).column})`;
  const columns = Array.isArray(value) ? value : Object.keys(value as object);
  return `${words}(${columns.join(", ")})`;
}

function unusedName(wanted: string, used: Set<string>): string {
  let name = wanted;
  for (let count = 2; used.has(name); count += 1) name = `${wanted}_${count}`;
  used.add(name);
  return name;
}
