// Keeps note of records that a batch leaves out, and tells what does not fit in them.
import { MillraceError } from "../../core/errors/errors.ts";
import type { LeftOutRecords } from "../../core/stream/batch.ts";
import type { NewDeadLetter } from "../../core/stream/set-aside-record.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { Topic } from "../../core/stream/topic.ts";
import { hasBrokenToken } from "../claims/payloads.ts";
import { describeAside } from "../worker/set-aside.ts";

/** More of them say that it is not the records that are wrong. */
const maxLeftOut = 1_000;

/** Of one attempt. */
export function createLeftOut(): LeftOutRecords {
  const letters = new Map<string, Omit<NewDeadLetter, "code">>();
  return {
    add: ({ topic, partition }, record, problem) => {
      const id = `${topic.id}/${partition}/${record.offset}`;
      if (letters.has(id)) return;
      const message = `record ${record.offset} of partition ${partition} of topic \`${topic.name}\` ${problem}`;
      if (letters.size >= maxLeftOut) {
        throw new MillraceError("RECORD_INVALID", `${maxLeftOut} records do not fit before this one: ${message}`, {
          hint: "so many are not left out; accept them in the schema and retry the run, or leave the whole batch out with `millrace batch give-up`",
        });
      }
      const origin = { topic: topic.name, topicId: topic.id, partition };
      letters.set(id, describeAside(origin, record, { attempts: 1, error: { code: "RECORD_INVALID", message } }));
    },
    list: (code) => [...letters.values()].map((letter) => ({ ...letter, code })),
  };
}

/** What is to be said of a value that does not fit, or the value as the schema makes it. */
export type FittedValue = { readonly problem: string } | { readonly value: unknown };

/** @param json of the record; undefined where it is none @param topic undefined: everything that is JSON fits */
export function fitValue(topic: Topic | undefined, record: LogRecord, json: unknown): FittedValue {
  if (json === undefined) return { problem: hasBrokenToken(record) ? "has no valid claim-check token" : "is no JSON" };
  if (topic === undefined) return { value: json };
  const checked = topic.schema.safeParse(json);
  if (checked.success) return { value: checked.data };
  const path = checked.error.issues[0]?.path ?? [];
  const place = path.length === 0 ? "" : `, at: \`${path.map(String).join(".").slice(0, 200)}\``;
  return { problem: `does not fit the schema${place}` };
}
