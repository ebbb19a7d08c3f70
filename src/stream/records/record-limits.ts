// What a log takes: how large a record may be, and what its time may be.
import { MillraceError } from "../../core/errors/errors.ts";
import { type PartitionRecords, sizeOfRecord } from "../../core/stream/stream-record.ts";

/** Looks at all of them before the first is sent. @throws MillraceError `RECORD_TOO_LARGE` | `VALUE_INVALID` for what is no time */
export function assertRecords(topic: string, parts: readonly PartitionRecords[], maxBytes: number): void {
  for (const { records } of parts) {
    for (const [index, record] of records.entries()) {
      if (!Number.isSafeInteger(record.timeMs)) throw noTime(topic, record.timeMs);
      const bytes = sizeOfRecord(record);
      if (bytes <= maxBytes) continue;
      throw new MillraceError(
        "RECORD_TOO_LARGE",
        `expected a record for topic \`${topic}\` to have at most \`${maxBytes}\` bytes, got: \`${bytes}\``,
        {
          hint: "give the topic a `claimCheck`, then large values go to the payload store and a token for them to the topic",
          details: { topic, index, bytes, maxBytes },
        },
      );
    }
  }
}

function noTime(topic: string, timeMs: number): MillraceError {
  return new MillraceError(
    "VALUE_INVALID",
    `expected the time of a record for topic \`${topic}\` to be milliseconds since 1970, got: \`${timeMs}\``,
    { hint: "look at `eventTime` of the topic: it returned a date that is none" },
  );
}
