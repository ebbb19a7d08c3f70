// The records of exact ranges of a topic, so that all attempts of a run read the same.
import { MillraceError } from "../../../core/errors/errors.ts";
import { toTopicName } from "../../../core/stream/topic-name.ts";
import type { OpenSource, SourceOpening } from "../../source.ts";
import { recordRows } from "../records/record-rows.ts";
import type { TopicSource } from "./options.ts";

/** Without ranges in the reading: all records that are there. @throws MillraceError as `recordRows` does */
export async function openTopicSource({ topic }: TopicSource, opening: SourceOpening): Promise<OpenSource> {
  const { topics, reading, table, session, spool, signal } = opening;
  const name = toTopicName(topic);
  if (topics === undefined) {
    throw new MillraceError("TOPIC_UNKNOWN", `no log is at hand to read topic \`${name}\` from`, {
      hint: "run the job with a worker of its project",
    });
  }
  const ranges = reading.ranges ?? (await topics.rangesOf(name));
  const rows = await recordRows(ranges, { session, reader: topics, table, spool, signal });
  const { sql, untyped, warnings, rowCount } = rows;
  return {
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    untyped,
    warnings,
    ...(rowCount === undefined ? {} : { rowCount }),
    place: `topic ${name}`,
  };
}
