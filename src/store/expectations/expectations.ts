// Rules as rows, and their turns. A verdict is written where the rule still stands as it was seen, with the turn that it
// makes in the same transaction.
import type { RunId } from "../../core/run-id.ts";
import type { Json } from "../rows/run-records.ts";
import { enqueueNotices } from "../notifications/enqueue-notices.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";
import type {
  DueExpectation,
  ExpectationKind,
  ExpectationRecord,
  ExpectationTurn,
  NewExpectation,
  TurnsRequest,
  Verdict,
} from "./expectation-store.ts";

const weekMs = 7 * 86_400_000;

/** A rule that is the same text changes nothing, so that what came late stays late over a restart. */
export function* saveExpectations(expectations: readonly NewExpectation[], nowMs: number): Script<void> {
  if (expectations.length > 0) {
    // In the order of names, so that two processes that start together wait for each other and never in a circle.
    yield* run(
      `insert into expectation (kind, name, rule, saved_at, expected_at, due_at)
      select r.value ->> 'kind', r.value ->> 'name', r.value ->> 'rule', cast(? as bigint),
        cast(r.value ->> 'expected' as bigint), cast(r.value ->> 'due' as bigint) from (rows ?) r where true order by 1, 2
      on conflict (kind, name) do update set rule = excluded.rule, saved_at = excluded.saved_at,
        expected_at = excluded.expected_at, due_at = excluded.due_at, state = 'met', since = null, run_id = null
      where expectation.rule <> excluded.rule`,
      nowMs,
      rowList(
        expectations.map(({ kind, name, rule, expectedAtMs, dueAtMs }) => ({
          kind,
          name,
          rule: JSON.stringify(rule),
          expected: expectedAtMs,
          due: dueAtMs,
        })),
      ),
    );
  }
  yield* run("delete from expectation where due_at < ?", nowMs - weekMs);
}

/** A range of the index of due rules. */
export function* listDueExpectations(
  limit: number,
  after: ExpectationRecord | undefined,
  nowMs: number,
): Script<readonly DueExpectation[]> {
  const rows = yield* all<ExpectationRow>(
    `${select} where due_at <= ? and (due_at, kind, name) > (?, ?, ?) order by due_at, kind, name limit ?`,
    nowMs,
    after?.dueAtMs ?? Number.MIN_SAFE_INTEGER,
    after?.kind ?? "",
    after?.name ?? "",
    Math.max(0, limit),
  );
  return rows.map((row) => ({ ...toRecord(row), seenAtMs: nowMs }));
}

/** Looks into the primary key. */
export function* findExpectations(
  kind: ExpectationKind,
  names: readonly string[],
): Script<readonly ExpectationRecord[]> {
  if (names.length === 0) return [];
  const rows = yield* all<ExpectationRow>(
    `select ${columns} from (rows ?) r ordered join expectation e on e.kind = ? and e.name = r.value ->> 'name'`,
    rowList([...new Set(names)].map((name) => ({ name }))),
    kind,
  );
  return rows.map(toRecord);
}

/** A rule that another process has locked or moved is left to that one. */
export function* applyVerdicts(verdicts: readonly Verdict[], nowMs: number): Script<readonly ExpectationTurn[]> {
  if (verdicts.length === 0) return [];
  const standing = yield* lockStanding(verdicts);
  if (standing.length === 0) return [];
  yield* run(
    `update expectation set state = r.value ->> 'state', expected_at = cast(r.value ->> 'expected' as bigint),
      due_at = cast(r.value ->> 'due' as bigint), since = cast(r.value ->> 'since' as bigint),
      run_id = cast(r.value ->> 'run' as bigint)
    from (rows ?) r where kind = r.value ->> 'kind' and name = r.value ->> 'name'`,
    rowList(
      standing.map(({ verdict }) => ({
        kind: verdict.kind,
        name: verdict.name,
        state: verdict.state,
        expected: verdict.expectedAtMs,
        due: verdict.dueAtMs,
        since: verdict.sinceMs ?? null,
        run: verdict.runId ?? null,
      })),
    ),
  );
  const turned = standing.flatMap(({ verdict, before }) => (verdict.state === before ? [] : [verdict]));
  const turns = turned.map((verdict) => toTurn(verdict, nowMs));
  yield* recordTurns(turns);
  yield* enqueueNotices(
    turned.flatMap(({ notices = [] }) => notices),
    nowMs,
  );
  return turns;
}

/** Newest first, a range of the primary key. */
export function* listTurns({ kind, name, beforeMs, limit }: TurnsRequest): Script<readonly ExpectationTurn[]> {
  const rows = yield* all<Omit<ExpectationTurn, "runId"> & { readonly runId: RunId | null }>(
    `select kind, name, turn, at as "atMs", expected_at as "expectedAtMs", run_id as "runId" from expectation_turn
    where kind = ? and name = ? and at < ? order by at desc limit ?`,
    kind,
    name,
    beforeMs ?? Number.MAX_SAFE_INTEGER,
    Math.max(0, limit),
  );
  return rows.map((row) => ({ ...row, runId: row.runId ?? undefined }));
}

/** Turns that are older, which are few beside the runs of that time. */
export function* forgetTurns(beforeMs: number): Script<void> {
  yield* run("delete from expectation_turn where at < ?", beforeMs);
}

function* lockStanding(
  verdicts: readonly Verdict[],
): Script<readonly { readonly verdict: Verdict; readonly before: ExpectationRecord["state"] }[]> {
  const rows = yield* all<Pick<ExpectationRecord, "kind" | "name" | "state">>(
    `select e.kind, e.name, e.state from (rows ?) r join expectation e on e.kind = r.value ->> 'kind'
      and e.name = r.value ->> 'name' and e.due_at = cast(r.value ->> 'due' as bigint)
    order by e.kind, e.name for update of e skip locked`,
    rowList(verdicts.map(({ kind, name, seenDueAtMs }) => ({ kind, name, due: seenDueAtMs }))),
  );
  const stateOf = new Map(rows.map(({ kind, name, state }) => [`${kind} ${name}`, state]));
  return verdicts.flatMap((verdict) => {
    const before = stateOf.get(`${verdict.kind} ${verdict.name}`);
    return before === undefined ? [] : [{ verdict, before }];
  });
}

// Whatever has to follow from a turn, such as a message to somebody, is written here, in the transaction that makes it.
// Two turns of one rule at the same time are one that is told twice; only a clock that was set back makes them.
function* recordTurns(turns: readonly ExpectationTurn[]): Script<void> {
  if (turns.length === 0) return;
  yield* run(
    `insert into expectation_turn (kind, name, at, turn, expected_at, run_id)
    select r.value ->> 'kind', r.value ->> 'name', cast(r.value ->> 'at' as bigint), r.value ->> 'turn',
      cast(r.value ->> 'expected' as bigint), cast(r.value ->> 'run' as bigint) from (rows ?) r where true
    on conflict do nothing`,
    rowList(
      turns.map(({ kind, name, atMs, turn, expectedAtMs, runId }) => ({
        kind,
        name,
        at: atMs,
        turn,
        expected: expectedAtMs,
        run: runId ?? null,
      })),
    ),
  );
}

function toTurn({ kind, name, state, expectedAtMs, runId }: Verdict, atMs: number): ExpectationTurn {
  const [met, broken] = kind === "job" ? (["on_time", "late"] as const) : (["fresh", "stale"] as const);
  return { kind, name, turn: state === "met" ? met : broken, atMs, expectedAtMs, runId };
}

const columns = `kind, name, rule, saved_at as "savedAtMs", expected_at as "expectedAtMs", due_at as "dueAtMs", state,
  since as "sinceMs", run_id as "runId"`;
const select = `select ${columns} from expectation`;

interface ExpectationRow {
  readonly kind: ExpectationKind;
  readonly name: string;
  readonly rule: string;
  readonly savedAtMs: number;
  readonly expectedAtMs: number;
  readonly dueAtMs: number;
  readonly state: ExpectationRecord["state"];
  readonly sinceMs: number | null;
  readonly runId: RunId | null;
}

function toRecord({ rule, sinceMs, runId, ...row }: ExpectationRow): ExpectationRecord {
  return { ...row, rule: JSON.parse(rule) as Json, sinceMs: sinceMs ?? undefined, runId: runId ?? undefined };
}
