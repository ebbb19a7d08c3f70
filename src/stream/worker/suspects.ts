// Goes through the records that an owner had in hand when it was lost, one by one, each counted before it is handled: so that one
// that ends its process is found, and given up, while the others are handled.
import { MillraceError } from "../../core/errors/errors.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { ChunkFeed } from "./chunk-feed.ts";
import type { CommitLine } from "./commit-line.ts";
import type { Outcome } from "./effects.ts";
import type { LeaveSign } from "./leave-sign.ts";
import type { OffsetTrack } from "./offset-track.ts";

export interface SuspectsOptions {
  readonly inHand: { readonly to: number; readonly tries: number };
  /** Of the records in hand. */
  readonly feed: ChunkFeed;
  readonly deadLetterAfter: number;
  readonly process: (record: LogRecord, tries: number) => Outcome | Promise<Outcome>;
  readonly giveUp: (record: LogRecord, attempts: number, error: MillraceError) => Outcome;
  readonly track: OffsetTrack;
  readonly line: CommitLine;
  readonly sign: LeaveSign;
}

/** Resolves when none is left, or when the partition is to be left. */
export async function handleSuspects(options: SuspectsOptions): Promise<void> {
  const { feed, sign, inHand, track, line } = options;
  // It is the first of the range that was being handled; those behind it were only near.
  let { tries } = inHand;
  while (feed.from < inHand.to && !sign.isSet) {
    const { records, next } = await feed.take();
    for (const record of records) {
      if (sign.isSet) return;
      track.pass(record.offset, await handleOne(options, record, tries));
      tries = 0;
      // Durable before the next one begins, which is then the first of the range.
      await line.flush();
    }
    track.passTo(next);
    if (records.length === 0) break;
  }
  await line.flush();
}

function handleOne(
  { deadLetterAfter, process, giveUp }: SuspectsOptions,
  record: LogRecord,
  tries: number,
): Outcome | Promise<Outcome> {
  if (tries < deadLetterAfter) return process(record, tries);
  return giveUp(record, tries, poisonous(`workers died \`${tries}\` times while they handled this record`));
}

/** Why a record is given up that ends its process. */
export function poisonous(message: string): MillraceError {
  const hint = "look for what ends the process: memory, native code, or `process.exit`";
  return new MillraceError("RECORD_POISONOUS", message, { hint });
}
