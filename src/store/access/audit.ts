// The audit as a chain: each entry's hash covers the entry and the hash before it, so that a change, a gap or a cut-off end
// shows. `audit_end` is the lock under which the next number is taken.
import { createHash } from "node:crypto";
import type { AuditFilter, AuditRecord, NewAuditEntry } from "./access-store.ts";
import type { Json } from "../rows/run-records.ts";
import { all, one, rowList, run, type Script, type SqlValue, toStorable } from "../rows/script.ts";

export interface AuditEnd {
  readonly seq: number;
  /** Hash of the entry `seq`; empty before the first. */
  readonly hash: string;
}

/** How many entries are read at once by who walks the chain. */
export const auditBatch = 1_000;

interface AuditRow extends Omit<AuditRecord, "detail"> {
  readonly detail: string;
}

const select = `select seq, actor, action, target, detail, outcome, at as "atMs", hash from audit`;

/** Three statements, however many entries. */
export function* appendAudit(entries: readonly NewAuditEntry[], nowMs: number): Script<void> {
  if (entries.length === 0) return;
  let { seq, hash } = yield* lockAuditEnd();
  const rows = entries.map((entry) => {
    seq += 1;
    const row = { ...toRow(entry), seq, atMs: nowMs };
    hash = hashOf(row, hash);
    return { ...row, hash };
  });
  yield* run(
    `insert into audit (seq, actor, action, target, detail, outcome, at, hash)
    select cast(r.value ->> 'seq' as bigint), r.value ->> 'actor', r.value ->> 'action', r.value ->> 'target',
      r.value ->> 'detail', r.value ->> 'outcome', cast(r.value ->> 'atMs' as bigint), r.value ->> 'hash'
    from (rows ?) r where true order by 1`,
    rowList(rows),
  );
  yield* run("update audit_end set seq = ?, hash = ? where id = 1", seq, hash);
}

/** Newest first, by one index whatever the filter. */
export function* listAudit({ actor, action, beforeSeq, limit }: AuditFilter): Script<AuditRecord[]> {
  const conditions: string[] = [];
  const params: SqlValue[] = [];
  const add = (condition: string, value: SqlValue | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    params.push(value);
  };
  add("actor = ?", actor);
  add("action = ?", action);
  add("seq < ?", beforeSeq);
  const where = conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;
  const rows = yield* all<AuditRow>(`${select} ${where} order by seq desc limit ?`, ...params, limit);
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as Json }));
}

/** Where the chain ends, and whether entries lie beyond that end. */
export function* findAuditEnd(): Script<AuditEnd & { readonly isLast: boolean }> {
  const end = (yield* one<AuditEnd>("select seq, hash from audit_end where id = 1")) ?? { seq: 0, hash: "" };
  const beyond = yield* one("select 1 from audit where seq > ? limit 1", end.seq);
  return { ...end, isLast: beyond === undefined };
}

/** The hash that the entry after `seq` covers; `undefined` when the entry is not there. */
export function* findAuditHash(seq: number): Script<string | undefined> {
  if (seq === 0) return "";
  return (yield* one<{ hash: string }>("select hash from audit where seq = ?", seq))?.hash;
}

/** Checks entries from `fromSeq` up to `toSeq`, a batch at most. @returns where to go on, or the first that does not hold */
export function* verifyAuditBatch(
  fromSeq: number,
  toSeq: number,
  previousHash: string,
): Script<{ readonly brokenAt: number } | { readonly nextSeq: number; readonly hash: string }> {
  const last = Math.min(toSeq, fromSeq + auditBatch - 1);
  const rows = yield* all<AuditRow>(`${select} where seq between ? and ? order by seq`, fromSeq, last);
  let hash = previousHash;
  for (let seq = fromSeq; seq <= last; seq += 1) {
    const row = rows[seq - fromSeq];
    if (row?.seq !== seq || hashOf(row, hash) !== row.hash) return { brokenAt: seq };
    hash = row.hash;
  }
  return { nextSeq: last + 1, hash };
}

/** The whole chain on one state of the store. @returns the first entry that does not hold */
export function* verifyAuditChain(): Script<number | undefined> {
  const end = yield* findAuditEnd();
  let [seq, hash] = [1, ""];
  while (seq <= end.seq) {
    const batch = yield* verifyAuditBatch(seq, end.seq, hash);
    if ("brokenAt" in batch) return batch.brokenAt;
    [seq, hash] = [batch.nextSeq, batch.hash];
  }
  if (hash !== end.hash) return end.seq;
  return end.isLast ? undefined : end.seq + 1;
}

function* lockAuditEnd(): Script<AuditEnd> {
  // Makes the row for the first entry, and locks it for all others.
  const end = yield* one<AuditEnd>(
    `insert into audit_end (id, seq, hash) values (1, 0, '')
    on conflict (id) do update set seq = audit_end.seq returning seq, hash`,
  );
  if (end === undefined) throw new RangeError("the audit has no end");
  return end;
}

// As the database will hold it: the hash must cover what is read again.
function toRow({ actor, action, target, detail, outcome }: NewAuditEntry): Omit<AuditRow, "seq" | "atMs" | "hash"> {
  return {
    actor: toStorable(actor),
    action: toStorable(action),
    target: toStorable(target),
    detail: JSON.stringify(detail),
    outcome,
  };
}

// An array has one order of its fields, and JSON one way to write it, so the text is canonical.
function hashOf(row: Omit<AuditRow, "hash">, previousHash: string): string {
  const { seq, atMs, actor, action, target, detail, outcome } = row;
  const text = JSON.stringify([previousHash, seq, atMs, actor, action, target, detail, outcome]);
  return createHash("sha256").update(text).digest("hex");
}
