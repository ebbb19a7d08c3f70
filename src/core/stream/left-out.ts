// Records of a batch that do not fit: whatever reads the batch leaves them out, and they are dead letters when it ends.
import type { NewDeadLetter } from "./set-aside-record.ts";
import type { LogRecord } from "./stream-record.ts";
import type { TopicRange } from "./topic-reader.ts";

/** Of one attempt, by whatever it reads its batch with. */
export interface LeftOutRecords {
  /**
   * Notes a record, once however often it is read.
   * @throws MillraceError `RECORD_INVALID` when there are so many that it is the schema that is wrong
   */
  add(range: TopicRange, record: LogRecord, problem: string): void;
  /** All of them, as dead letters. @param code fingerprint of the code that left them out */
  list(code: string): readonly NewDeadLetter[];
}
