// Looks at staged rows before anybody else can: how many, which fingerprint, which checks they break. One scan answers nearly all.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, type Row } from "../../compute/engine.ts";
import { trimStatement } from "../../compute/sql-text.ts";
import type { CheckResult } from "../../core/dataset/check.ts";
import { type CompiledCheck, naming } from "./checks.ts";
import { judgeShare } from "./compare.ts";
import { sampleFile } from "./sample-file.ts";
import { judgeFreshness } from "./freshness.ts";
import type { TargetLimit } from "../target-limits.ts";
import { judgeCount, judgeGroups, judgeRows, repeatedKeys, toResult } from "./verdicts.ts";

export interface AuditInput {
  readonly session: EngineSession;
  /** SQL of the staged rows; also the view `rows` of the session. */
  readonly relation: string;
  readonly columns: readonly Column[];
  readonly checks: readonly CompiledCheck[];
  /** What the targets cannot hold. */
  readonly limits: readonly TargetLimit[];
  /** Rows that `quarantine` checks set aside, by check name. */
  readonly quarantinedBy: ReadonlyMap<string, number>;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export interface Audit {
  readonly rowCount: number;
  /** Equal for the same rows in any order; columns count with name and type. */
  readonly content: string;
  readonly results: readonly CheckResult[];
  /** Rows that break each limit, in the order of the input's. */
  readonly beyondLimits: readonly number[];
}

/** Evaluates every check on the staged rows. */
export async function auditRows(input: AuditInput): Promise<Audit> {
  const { session, signal } = input;
  const [totals = {}] = await session.query(scanSql(input), { signal });
  const rowCount = Number(totals["row_count"]);
  const results: CheckResult[] = [];
  for (const [index, compiled] of input.checks.entries()) {
    const judging = judge(input, compiled, totals[`check_${index}`], rowCount);
    results.push(await naming(compiled.check, judging));
  }
  const beyondLimits = input.limits.map((_limit, index) => Number(totals[`limit_${index}`]));
  return { rowCount, content: `${String(totals["hash_sum"])}:${String(totals["hash_xor"])}`, results, beyondLimits };
}

/**
 * Keeps up to 20 rows for each check that failed as `<check>.json` in `folder`, for a person to look at. Rows never get into messages.
 */
export async function saveSamples(input: AuditInput, failed: readonly CheckResult[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name } of failed) {
    const compiled = input.checks.find(({ check }) => check.name === name);
    const sql = compiled === undefined ? undefined : sampleSql(input.relation, compiled);
    if (sql === undefined) continue;
    const rows = await input.session.query(sql, { signal: input.signal });
    await writeFile(join(folder, sampleFile(name)), toJson(rows));
  }
}

const sampleSize = 20;

function scanSql({ relation, columns, checks, limits }: AuditInput): string {
  const hash = `hash(${columns.map(({ name }) => quoteIdentifier(name)).join(", ")})`;
  const values = checks.map((compiled, index) => {
    if (isScanned(compiled)) return `, ${compiled.breaks} AS __check_${index}`;
    if (compiled.ask === "share") return `, ${compiled.counts} AS __check_${index}`;
    return compiled.ask === "newest" ? `, ${compiled.instant} AS __check_${index}` : "";
  });
  const answers = checks.map((compiled, index) => {
    const isCounted = isScanned(compiled) || compiled.ask === "share";
    if (isCounted) return `, count(*) FILTER (WHERE __check_${index}) AS check_${index}`;
    return compiled.ask === "newest" ? `, max(__check_${index}) AS check_${index}` : "";
  });
  const beyond = limits.map(({ breaks }, index) => `, ${breaks} AS __limit_${index}`);
  const broken = limits.map((_limit, index) => `, count(*) FILTER (WHERE __limit_${index}) AS limit_${index}`);
  // Two folds, because in one alone pairs of equal rows cancel out; a sum of 31 bits each is a third faster than one of 64.
  return `SELECT count(*) AS row_count, sum((__hash >> 33)::INTEGER) AS hash_sum, bit_xor(__hash) AS hash_xor${[...answers, ...broken].join("")}
    FROM (SELECT ${hash} AS __hash${[...values, ...beyond].join("")} FROM (${relation}))`;
}

/** Rows that break a `quarantine` check are not among the staged ones. */
function isScanned(compiled: CompiledCheck): compiled is Extract<CompiledCheck, { ask: "rows" }> {
  return compiled.ask === "rows" && compiled.check.severity !== "quarantine";
}

async function judge(
  input: AuditInput,
  compiled: CompiledCheck,
  answer: unknown,
  rowCount: number,
): Promise<CheckResult> {
  const { name, severity } = compiled.check;
  switch (compiled.ask) {
    case "rows":
      return judgeRows(compiled, severity === "quarantine" ? (input.quarantinedBy.get(name) ?? 0) : Number(answer));
    case "groups": {
      const sql = `SELECT coalesce(sum(n), 0)::BIGINT AS n, count(*) AS keys FROM (${repeatedKeys(`(${input.relation})`, compiled.key)})`;
      const [found = {}] = await input.session.query(sql, { signal: input.signal });
      return judgeGroups(compiled, Number(found["n"]), Number(found["keys"]));
    }
    case "count":
      return judgeCount(compiled, rowCount);
    case "newest": {
      const { passed, detail } = judgeFreshness(compiled, answer, input.nowMs);
      return toResult(compiled, passed ? 0 : 1, detail);
    }
    case "share": {
      const [base] = await input.session.query(compiled.base, { signal: input.signal });
      const { failingRows, detail } = judgeShare(compiled.rule, Number(answer), Number(base?.["n"]));
      return toResult(compiled, failingRows, detail);
    }
    case "query": {
      const sql = `SELECT count(*) AS n FROM (\n${trimStatement(compiled.sql)}\n)`;
      const [found] = await input.session.query(sql, { signal: input.signal });
      return toResult(compiled, Number(found?.["n"]), `expected no row, the query returned ${String(found?.["n"])}`);
    }
  }
}

function sampleSql(relation: string, compiled: CompiledCheck): string | undefined {
  switch (compiled.ask) {
    case "rows":
      return `SELECT * FROM (${relation}) WHERE ${compiled.breaks} LIMIT ${sampleSize}`;
    case "groups":
      return `${repeatedKeys(`(${relation})`, compiled.key)} LIMIT ${sampleSize}`;
    case "query":
      return `SELECT * FROM (\n${trimStatement(compiled.sql)}\n) LIMIT ${sampleSize}`;
    case "share":
      if (compiled.rule.criteria === "success") return undefined;
      return `SELECT * FROM (${relation}) WHERE ${compiled.counts} LIMIT ${sampleSize}`;
    case "count":
    case "newest":
      return undefined;
  }
}

function toJson(rows: readonly Row[]): string {
  return `${JSON.stringify(rows, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value), 2)}\n`;
}
