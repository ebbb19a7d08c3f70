// Runs a script in a transaction that the caller began: each statement is prepared once a connection, each value bound.
import type { Script, ScriptStep, SqlValue, StepResult } from "../rows/script.ts";
import type { Param, Session, Statement } from "./database.ts";

/** Gives each step its result until the script returns. What a statement throws, the script sees. */
export async function runScript<T>(session: Session, script: Script<T>): Promise<T> {
  let next = script.next();
  while (next.done !== true) {
    let result: StepResult;
    try {
      result = await execute(session, next.value);
    } catch (thrown) {
      next = script.throw(thrown);
      continue;
    }
    next = script.next(result);
  }
  return next.value;
}

async function execute(session: Session, step: ScriptStep): Promise<StepResult> {
  if (step.kind === "take-run-ids") return await takeRunIds(session, step.count);
  const { idPositions, ...statement } = toPostgres(step.sql);
  return await session.query(statement, bind(step.params, idPositions));
}

// One number each: another transaction may take some in between.
const takeIds: Statement = {
  name: "take_run_ids",
  text: "select nextval('run_id_seq') as id from generate_series(1, $1)",
};

async function takeRunIds(session: Session, count: number): Promise<number[]> {
  const { rows } = await session.query<{ id: number }>(takeIds, [count]);
  return rows.map(({ id }) => id);
}

interface Rewritten extends Statement {
  /** Which values are lists of ids. */
  readonly idPositions: ReadonlySet<number>;
}

const rewritten = new Map<string, Rewritten>();

/** The portable text as Postgres takes it. Scripts have a fixed number of texts, so each is rewritten once. */
export function toPostgres(sql: string): Rewritten {
  let statement = rewritten.get(sql);
  if (statement === undefined) {
    statement = rewrite(sql, `script_${rewritten.size + 1}`);
    rewritten.set(sql, statement);
  }
  return statement;
}

// An array that is bound as one value is looked up along an index, one range for each id.
const places =
  /\bjson_text\([\w.]+\)|not in \(ids \?\)|in \(ids \?\)|\(rows \?\)|\(bytes \?\)|\bordered join\b|'[^']*'|\?/g;

function rewrite(sql: string, name: string): Rewritten {
  const idPositions = new Set<number>();
  let count = 0;
  const text = sql.replaceAll(places, (place) => {
    if (place === "ordered join") return "join";
    if (place.startsWith("json_text")) return `${place.slice("json_text".length)}::json`;
    // Quoted text stays as it is.
    if (place.startsWith("'")) return place;
    count += 1;
    if (place === "?") return `$${count}`;
    if (place === "(bytes ?)") return `$${count}::bytea`;
    if (place === "(rows ?)") {
      return `(select ordinality as key, value from jsonb_array_elements($${count}::jsonb) with ordinality)`;
    }
    idPositions.add(count - 1);
    return place.startsWith("not") ? `<> all ($${count}::bigint[])` : `= any ($${count}::bigint[])`;
  });
  return { name, text, idPositions };
}

// `[1,2]` as Postgres writes an array: `{1,2}`.
function bind(params: readonly SqlValue[], idPositions: ReadonlySet<number>): Param[] {
  return params.map((value, position) =>
    idPositions.has(position) && typeof value === "string" ? `{${value.slice(1, -1)}}` : value,
  );
}
