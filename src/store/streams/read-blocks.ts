// Reads of the embedded log. Each is on one state of the store, and looks along an index whatever the topic holds.
import { MillraceError } from "../../core/errors/errors.ts";
import type { BlockRead, BlocksRead, StoredBlock } from "../../core/stream/stream-ledger.ts";
import { all, one, type Script } from "../rows/script.ts";
import { explainMissing } from "./topics.ts";

/** Blocks of one read; a reader comes again. */
const maxBlocks = 64;

interface BlockRow extends Omit<StoredBlock, "firstOffset"> {
  readonly start: number;
  readonly end: number;
  /** Null in the only row of a partition without a block there. */
  readonly firstOffset: number | null;
}

/**
 * One statement, which readers of many partitions ask all the time: sizes along the primary key from the block that holds the offset,
 * then the payloads of those that are wanted.
 * @throws MillraceError `TOPIC_UNKNOWN` | `OFFSET_OUT_OF_RANGE`
 */
export function* readBlocks({ topicId, partition, from, maxBytes }: BlockRead): Script<BlocksRead> {
  const rows = yield* all<BlockRow>(
    `select head.start_offset as start, head.next_offset as "end", block.first_offset as "firstOffset",
      block.record_count as count, block.payload
    from stream_head head
    left join (
      select first_offset, bytes, row_number() over (order by first_offset) as number,
        sum(bytes) over (order by first_offset) as total
      from (
        select first_offset, bytes from stream_block
        where topic_id = ? and partition = ? and first_offset >=
          (select max(first_offset) from stream_block where topic_id = ? and partition = ? and first_offset <= ?)
        order by first_offset limit ${maxBlocks}
      ) near
    ) sized on cast(? as bigint) < head.next_offset and (sized.number = 1 or sized.total <= cast(? as bigint))
    left join stream_block block on block.topic_id = head.topic_id and block.partition = head.partition
      and block.first_offset = sized.first_offset
    where head.topic_id = ? and head.partition = ? order by sized.first_offset`,
    topicId,
    partition,
    topicId,
    partition,
    from,
    from,
    maxBytes,
    topicId,
    partition,
  );
  const [first] = rows;
  if (first === undefined) throw yield* explainMissing(topicId, partition);
  const { start, end } = first;
  if (from < start || from > end) throw outOfRange({ topicId, partition, from }, { start, end });
  const blocks = rows.flatMap(({ firstOffset, count, payload }) =>
    firstOffset === null ? [] : [{ firstOffset, count, payload }],
  );
  return { blocks, start, end };
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
