// Runs a script on one connection, synchronously. The caller has begun the transaction: under the write lock of SQLite
// nothing else moves, so what a script locks in Postgres needs no lock here.
import type { Script, ScriptStep, StepResult } from "../rows/script.ts";
import type { Connection } from "./connection.ts";

/** Gives each step its result until the script returns. What a statement throws, the script sees. */
export function runScript<T>(db: Connection, script: Script<T>): T {
  let next = script.next();
  while (next.done !== true) {
    let result: StepResult;
    try {
      result = execute(db, next.value);
    } catch (thrown) {
      next = script.throw(thrown);
      continue;
    }
    next = script.next(result);
  }
  return next.value;
}

function execute(db: Connection, step: ScriptStep): StepResult {
  return step.kind === "statement" ? db.step(toSqlite(step.sql), step.params) : takeRunIds(db, step.count);
}

// The write lock makes reading and remembering the greatest id one step. `sqlite_sequence` keeps it when runs are removed.
function takeRunIds(db: Connection, count: number): number[] {
  const row = db.get<{ seq: number }>("select seq from sqlite_sequence where name = 'run'");
  const first = (row?.seq ?? 0) + 1;
  return Array.from({ length: count }, (_, index) => first + index);
}

const rewritten = new Map<string, string>();

/** The portable text as SQLite takes it. Scripts have a fixed number of texts, so each is rewritten once. */
export function toSqlite(sql: string): string {
  let text = rewritten.get(sql);
  if (text === undefined) {
    text = sql
      .replaceAll(/\s+for update(?: of \w+)?(?: skip locked)?/g, "")
      .replaceAll("ordered join", "cross join")
      .replaceAll("json_text(", "(")
      .replaceAll("(bytes ?)", "(?)")
      .replaceAll("(ids ?)", "(select value from json_each(?))")
      .replaceAll("(rows ?)", "json_each(?)");
    rewritten.set(sql, text);
  }
  return text;
}
