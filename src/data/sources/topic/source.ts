// Records of a topic as a source: those that have come since the last run, or all that are kept.
import type { SourceKind } from "../../source.ts";
import { type TopicSource, topicSourceSpec } from "./options.ts";
import { openTopicSource } from "./relation.ts";

export const topic: SourceKind<TopicSource> = {
  name: "topic",
  summary: "records of a topic",
  options: topicSourceSpec,
  topicOf: (source) => source.topic,
  open: openTopicSource,
};
