// Records that are not handled now: parked for another try, or dead letters. Their bytes, headers and place are kept as they were.
import type { NewParkedRecord } from "../../core/stream/stream-ledger.ts";
import type { NewDeadLetter, SetAsideRecord } from "../../core/stream/set-aside-record.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { findPayloadHashes } from "../../core/stream/payload-token.ts";
import { encodeRecord } from "../records/record-block.ts";
import { Effects } from "./effects.ts";

/** Where a record lies. */
export interface RecordOrigin {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** Fingerprint of the code that handles it. */
  readonly code: string;
}

/** Why a record is set aside. */
export interface SetAsideReason {
  readonly attempts: number;
  readonly error: { readonly code: string; readonly message: string };
}

const maxKeyLength = 200;
const maxMessageLength = 2_000;

/** The record as a dead letter. */
export function toDeadLetter(origin: RecordOrigin, record: LogRecord, reason: SetAsideReason): Effects {
  const effects = new Effects();
  effects.deadLetters.push(deadLetterOf(origin, record, reason));
  return effects;
}

/** A dead letter of a record. */
export function deadLetterOf(origin: RecordOrigin, record: LogRecord, reason: SetAsideReason): NewDeadLetter {
  return { ...describeAside(origin, record, reason), code: origin.code };
}

/** The record as one that waits for its next try. */
export function parkedOf(
  origin: RecordOrigin,
  record: LogRecord,
  reason: SetAsideReason & { readonly laneKey: string; readonly dueInMs: number },
): NewParkedRecord {
  const { laneKey, dueInMs } = reason;
  return { ...describeAside(origin, record, reason), laneKey, dueInMs };
}

/** Whatever it is set aside for. */
export function describeAside(
  origin: Omit<RecordOrigin, "code">,
  record: LogRecord,
  { attempts, error }: SetAsideReason,
): SetAsideRecord {
  const { topic, topicId, partition } = origin;
  return {
    topic,
    topicId,
    partition,
    offset: record.offset,
    keyText: keyText(record.key),
    payload: encodeRecord(record),
    hashes: record.value === null ? [] : findPayloadHashes(record.value),
    attempts,
    errorCode: error.code,
    errorMessage: error.message.slice(0, maxMessageLength),
  };
}

const strict = new TextDecoder("utf-8", { fatal: true });

function keyText(key: Uint8Array | null): string | null {
  if (key === null) return null;
  try {
    return strict.decode(key).slice(0, maxKeyLength);
  } catch {
    return Buffer.from(key).toString("base64").slice(0, maxKeyLength);
  }
}
