// Describes a check before there is data: its rule, its severity and its name.
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Check, CheckKind, CheckRule, CheckSeverity, CompareRule } from "../../core/dataset/check.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, duration, integer, text, texts } from "../../core/spec/option-values.ts";
import { parseOptions } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";

/** A check whose rule, severity and name are settled. */
export interface NamedCheck {
  readonly name: string;
  readonly severity: CheckSeverity;
  readonly kind: CheckKind;
  readonly rule: CheckRule;
}

/**
 * Settles rule, severity and name of each check. Names are unique: a repeated one gets `_2`, `_3`, …
 * @param owner of the checks, for messages
 * @throws MillraceError `JOB_INVALID` naming the check that is wrong
 */
export function nameChecks(checks: readonly Check[], owner?: string): NamedCheck[] {
  const used = new Set<string>();
  return checks.map((check, index) => {
    const where = `check ${index + 1}${owner === undefined ? "" : ` of ${owner}`}`;
    const { severity } = parseOptions(spec, check, where);
    const kind = kindOf(check, where);
    assertSeverity(kind, severity);
    const name = unusedName(check.name ?? defaultName(kind, ruleValue(check, kind)), used);
    return { name, severity, kind, rule: check };
  });
}

/** Tells whether the rule judges each row by itself. */
export function isRowLevel(kind: CheckKind): boolean {
  return rowLevelKinds.includes(kind);
}

/** The datasets that `references` and `compare` rules look into. */
export function listReferences(checks: readonly Check[]): string[] {
  const datasets = checks.flatMap(({ references, compare }) => {
    const looked = Object.values(references ?? {}).map((reference) => parseReference(reference).dataset);
    return compare?.base === undefined ? looked : [...looked, compare.base];
  });
  return [...new Set(datasets)];
}

/** `airports.iata` → dataset and column. @throws MillraceError `JOB_INVALID` */
export function parseReference(reference: string): { dataset: string; column: string } {
  const dot = reference.indexOf(".");
  if (dot > 0 && dot < reference.length - 1) {
    return { dataset: reference.slice(0, dot), column: reference.slice(dot + 1) };
  }
  throw new MillraceError("JOB_INVALID", `expected a reference like \`dataset.column\`, got: \`${reference}\``);
}

const accepted = z.union([z.string(), z.number(), z.boolean()]);
const rowLevelKinds: readonly CheckKind[] = ["notNull", "acceptedValues", "pattern", "range", "references"];

const spec = defineSpec<Check>()(() => ({
  notNull: optional(texts("columns")).describe("the columns have a value (row)"),
  unique: optional(texts("columns")).describe("the columns together identify a row"),
  acceptedValues: optional(
    byColumn("lists of values", expecting("a list of one or more values", z.array(accepted).min(1))),
  ).describe("the value is one of these; NULL passes (row)"),
  pattern: optional(byColumn("RE2 patterns", text("an RE2 pattern"))).describe(
    "the pattern matches the whole value; NULL passes (row)",
  ),
  range: optional(byColumn("`{ min, max }`", bounds(z.union([z.number(), text()])))).describe(
    "the value lies between the bounds, which are part of it; dates and times as ISO text; NULL passes (row)",
  ),
  rowCount: optional(bounds(integer(0))).describe("that many rows came"),
  freshness: optional(
    expecting("an object with `column` and `within`", z.strictObject({ column: text("a column"), within: duration() })),
  ).describe("the newest value of a time column is at most `within` old"),
  references: optional(
    byColumn("`dataset.column`", expecting("a reference like `dataset.column`", z.string().regex(/^[^.]+\../))),
  ).describe("the other dataset has the value in that column; NULL passes (row)"),
  sql: optional(text("a query over the relation `rows`")).describe("the query over the relation `rows` returns no row"),
  compare: optional(compareSchema()).describe(
    'the rows are less than `threshold` percent of a base (`criteria: "fail"`), or at least as much (`"success"`)',
  ),
  severity: choice(["block", "warn", "quarantine"])
    .default("block")
    .describe(
      "`block` publishes nothing, `warn` publishes and says so, `quarantine` sets the failing rows aside and publishes the rest: for rules marked (row)",
    ),
  name: optional(text(), "made from the rule").describe("name for reports"),
}));

export const checkSpec: Spec<Check> = spec;

function byColumn<Rule extends z.ZodType>(rules: string, rule: Rule): z.ZodRecord<z.ZodString, Rule> {
  const schema = z.record(z.string(), rule).refine((columns) => Object.keys(columns).length > 0);
  return expecting(`an object of ${rules} by columns`, schema);
}

function bounds<Bound extends z.ZodType>(
  bound: Bound,
): z.ZodObject<{ min: z.ZodOptional<Bound>; max: z.ZodOptional<Bound> }, z.core.$strict> {
  const schema = z
    .strictObject({ min: bound.optional(), max: bound.optional() })
    .refine((given) => Object.keys(given).length > 0);
  return expecting("an object with `min`, `max` or both", schema);
}

function compareSchema(): z.ZodType<CompareRule, CompareRule> {
  const threshold = expecting("a percentage above 0 and up to 100", z.number().gt(0).max(100));
  const schema = z.strictObject({
    base: text().optional(),
    field: text().optional(),
    errorColumn: text().optional(),
    criteria: choice(["fail", "success"]),
    threshold,
  });
  // an option that is `undefined` was left out
  return expecting(
    "an object with `criteria` and `threshold`",
    schema as unknown as z.ZodType<CompareRule, CompareRule>,
  );
}

function kindOf(check: Check, where: string): CheckKind {
  const rules = Object.keys(check).filter((key): key is CheckKind => key !== "severity" && key !== "name");
  const [kind, ...others] = rules;
  if (kind !== undefined && others.length === 0) return kind;
  const known = Object.keys(checkSpec.shape).filter((name) => name !== "severity" && name !== "name");
  const got = kind === undefined ? "none" : rules.join(", ");
  throw new MillraceError("JOB_INVALID", `expected ${where} to have exactly one rule, got: \`${got}\``, {
    hint: `write one check for each rule; known rules: ${known.join(", ")}`,
  });
}

function assertSeverity(kind: CheckKind, severity: CheckSeverity): void {
  if (severity !== "quarantine" || isRowLevel(kind)) return;
  throw new MillraceError("JOB_INVALID", `a \`${kind}\` check cannot set single rows aside, got: \`quarantine\``, {
    hint: `rules that judge each row by itself can: ${rowLevelKinds.join(", ")}`,
  });
}

function ruleValue(check: CheckRule, kind: CheckKind): unknown {
  return check[kind];
}

function defaultName(kind: CheckKind, value: unknown): string {
  const words = kind.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (kind === "sql" || kind === "rowCount") return words;
  if (kind === "compare") return `${words}(${(value as CompareRule).base ?? ""})`;
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
