// Reads of the embedded log. Each is on one state of the store, and looks along an index whatever the topic holds.
import { MillraceError } from "../../core/errors/errors.ts";
import type { BlockRead, BlocksRead, StoredBlock } from "../../core/stream/stream-ledger.ts";
import { all, one, type Script } from "../rows/script.ts";
import { explainMissing } from "./topics.ts";

/** Blocks of one read; a reader comes again. */
const maxBlocks = 64;

/** @throws MillraceError `TOPIC_UNKNOWN` | `OFFSET_OUT_OF_RANGE` */
export function* readBlocks({ topicId, partition, from, maxBytes }: BlockRead): Script<BlocksRead> {
  const bounds = yield* one<{ start: number; end: number }>(
    `select start_offset as start, next_offset as "end" from stream_head where topic_id = ? and partition = ?`,
    topicId,
    partition,
  );
  if (bounds === undefined) throw yield* explainMissing(topicId, partition);
  if (from < bounds.start || from > bounds.end) throw outOfRange({ topicId, partition, from }, bounds);
  if (from === bounds.end) return { blocks: [], ...bounds };
  const sizes = yield* all<{ firstOffset: number; bytes: number }>(
    `select first_offset as "firstOffset", bytes from stream_block
    where topic_id = ? and partition = ? and first_offset >=
      (select max(first_offset) from stream_block where topic_id = ? and partition = ? and first_offset <= ?)
    order by first_offset limit ${maxBlocks}`,
    topicId,
    partition,
    topicId,
    partition,
    from,
  );
  let sum = 0;
  const wanted = sizes.filter(({ bytes }, index) => (sum += bytes) <= maxBytes || index === 0);
  const blocks = yield* all<StoredBlock>(
    `select first_offset as "firstOffset", record_count as count, payload from stream_block
    where topic_id = ? and partition = ? and first_offset between ? and ? order by first_offset`,
    topicId,
    partition,
    wanted[0]?.firstOffset ?? from,
    wanted.at(-1)?.firstOffset ?? from,
  );
  return { blocks, ...bounds };
}

/** The first block up to whose end a record has that time; the times of blocks rise along `stream_block_by_time`. */
export function* findBlockAt(topicId: string, partition: number, timeMs: number): Script<StoredBlock | undefined> {
  const sql = `select first_offset as "firstOffset", record_count as count, payload from stream_block
    where topic_id = ? and partition = ? and high_time >= ? order by high_time, first_offset limit 1`;
  return yield* one<StoredBlock>(sql, topicId, partition, timeMs);
}

function outOfRange(
  { topicId, partition, from }: Pick<BlockRead, "topicId" | "partition" | "from">,
  { start, end }: { readonly start: number; readonly end: number },
): MillraceError {
  return new MillraceError(
    "OFFSET_OUT_OF_RANGE",
    `expected an offset of partition \`${partition}\` from \`${start}\` to \`${end}\`, got: \`${from}\``,
    {
      hint: "records before it were removed, by retention or by hand; move the group with `millrace group seek`",
      details: { topicId, partition, offset: from, start, end },
    },
  );
}
