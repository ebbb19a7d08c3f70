// Defines the options of a source that reads records of a topic.
import { optional } from "../../../core/spec/option-notes.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { type TopicName, topicNameOption } from "../../../core/stream/topic-name.ts";

/**
 * Records of a topic. Modes that add to a dataset or change rows of it read on where the last run ended; those that are the whole
 * of it read all records that are kept. Each run reads up to the end as it was at its start.
 */
export interface TopicSource {
  readonly topic: TopicName;
}

export const topicSourceSpec: Spec<Partial<TopicSource>> = defineSpec<Partial<TopicSource>>()(() => ({
  topic: optional(topicNameOption()).describe(
    "records of a topic, with `_key`, `_partition`, `_offset` and `_time`; each run reads from where the last one ended to the end as it was at its start, and with the modes `replace`, `snapshot` and `delete_insert` all that is kept",
  ),
}));
