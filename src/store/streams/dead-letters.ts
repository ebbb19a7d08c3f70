// Dead letters as people look at them and decide about them.
import { MillraceError } from "../../core/errors/errors.ts";
import type { DeadLetter } from "../../core/stream/stream-ledger.ts";
import { all, idList, one, run, type Script, type SqlValue } from "../rows/script.ts";
import type { DeadLetterPage, DeadLetterSelection, DeadLetterSummary } from "./stream-store.ts";

const columns = `id, group_name as "group", job, run_id as "runId", code, topic, topic_id as "topicId", partition,
  record_offset as "offset", key_text as "keyText", attempts, error_code as "errorCode", error_message as "errorMessage", state,
  at as "atMs"`;

/** Newest first; along an index of the group or the state. */
export function* listDeadLetters(page: DeadLetterPage): Script<readonly DeadLetterSummary[]> {
  const filters: string[] = ["id < ?"];
  const params: SqlValue[] = [page.beforeId ?? Number.MAX_SAFE_INTEGER];
  const fields = [
    ["group_name", page.group],
    ["topic", page.topic],
    ["state", page.state],
  ] as const;
  for (const [column, value] of fields) {
    if (value === undefined) continue;
    filters.push(`${column} = ?`);
    params.push(value);
  }
  const sql = `select ${columns} from stream_dead_letter where ${filters.join(" and ")} order by id desc limit ?`;
  return yield* all<DeadLetterSummary>(sql, ...params, page.limit);
}

export function* findDeadLetter(id: number): Script<DeadLetter | undefined> {
  return yield* one<DeadLetter>(`select ${columns}, payload from stream_dead_letter where id = ?`, id);
}

/**
 * Parks them anew in their own group (one of batches has no such place: `TRANSITION_INVALID`), due now and never tried. Their lane is the key as text, so that what comes under the key
 * meanwhile waits for them, as for any parked record.
 */
export function* retryDeadLetters(
  selection: DeadLetterSelection & { readonly payload?: Uint8Array },
  nowMs: number,
): Script<number> {
  yield* assertOfRecords(selection.group);
  const ids = yield* takeOpen(selection, "retried");
  if (ids.length === 0) return 0;
  yield* run(
    `insert into stream_parked (group_name, lane_key, due_at, topic, topic_id, partition, record_offset, key_text, attempts,
      error_code, error_message, payload)
    select group_name, coalesce(key_text, 'dead-letter-' || id), cast(? as bigint), topic, topic_id, partition, record_offset,
      key_text, 0, error_code, error_message, coalesce((bytes ?), payload)
    from stream_dead_letter where id in (ids ?) order by id
    on conflict (group_name, topic_id, partition, record_offset) do update set due_at = excluded.due_at, attempts = 0,
      payload = excluded.payload`,
    nowMs,
    ids.length === 1 ? (selection.payload ?? null) : null,
    idList(ids),
  );
  return ids.length;
}

// Nobody takes up what is parked where runs work through batches.
function* assertOfRecords(group: string): Script<void> {
  const batch = yield* one("select number from stream_batch where group_name = ? limit 1", group);
  if (batch === undefined) return;
  throw new MillraceError(
    "TRANSITION_INVALID",
    `group \`${group}\` takes records in batches, which do not come again`,
    {
      hint: "produce the value to its topic anew, so that it is in a later batch, and discard the dead letter",
    },
  );
}

export function* discardDeadLetters(selection: DeadLetterSelection): Script<number> {
  return (yield* takeOpen(selection, "discarded")).length;
}

function* takeOpen(
  { group, ids, limit }: DeadLetterSelection,
  state: "retried" | "discarded",
): Script<readonly number[]> {
  const open = "select id from stream_dead_letter where group_name = ? and state = 'open'";
  const rows =
    ids === undefined
      ? yield* all<{ id: number }>(`${open} order by id limit ? for update`, group, limit)
      : yield* all<{ id: number }>(
          `${open} and id in (ids ?) order by id limit ? for update`,
          group,
          idList(ids),
          limit,
        );
  const taken = rows.map(({ id }) => id);
  if (taken.length === 0) return taken;
  yield* run("update stream_dead_letter set state = ? where id in (ids ?)", state, idList(taken));
  return taken;
}
