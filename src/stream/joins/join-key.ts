// From a record of an input to its value and the key that it waits under.
import { MillraceError } from "../../core/errors/errors.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { invalidRecord } from "../produce/encode-value.ts";
import type { JoinInput } from "./join-settings.ts";

const maxKeyLength = 1_024;

/** @throws MillraceError `RECORD_INVALID` for what does not fit the schema of its topic */
export function decodeInput({ topic }: JoinInput, { value }: Pick<LogRecord, "value">): unknown {
  const checked = topic.schema.safeParse(parse(topic.name, value));
  if (checked.success) return checked.data;
  throw invalidRecord(topic.name, checked.error.issues[0]?.path);
}

/**
 * The key of a value.
 * @param partitions of the inputs; of more than one, records have to lie where their key leads
 * @throws MillraceError `JOIN_KEY_INVALID`
 */
export function joinKeyOf(input: JoinInput, value: unknown, record: LogRecord, partitions: number): string {
  const found = input.keyOf(value);
  const key = typeof found === "number" || typeof found === "bigint" ? String(found) : found;
  const where = `of input \`${input.name}\``;
  if (typeof key !== "string" || key === "")
    throw invalidKey(`a value ${where} has no key`, "let `by` return a text or a number for each value");
  if (key.length > maxKeyLength)
    throw invalidKey(
      `the key of a value ${where} has \`${key.length}\` characters, which are more than ${maxKeyLength}`,
      "join by something shorter, such as a hash of it",
    );
  if (key.includes("\0") || !key.isWellFormed())
    throw invalidKey(`the key of a value ${where} has characters that no store keeps`, "join by plain text");
  if (partitions > 1 && (record.key === null || Buffer.from(record.key).toString() !== key))
    throw invalidKey(
      `topic \`${input.topic.name}\` is not kept by the key of the join, so what belongs together lies apart`,
      "give the topics of the join `key` with the same key, or one partition each",
    );
  return key;
}

function invalidKey(message: string, hint: string): MillraceError {
  return new MillraceError("JOIN_KEY_INVALID", message, { hint });
}

function parse(topic: string, value: Uint8Array | null): unknown {
  try {
    return value === null ? null : JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());
  } catch {
    throw new MillraceError("RECORD_INVALID", `value in topic \`${topic}\` is no JSON`, {
      hint: "what produces into the topic must write JSON",
    });
  }
}
