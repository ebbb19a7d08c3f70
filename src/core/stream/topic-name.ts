// A topic as jobs may name it: by what `defineTopic` returns, or by its name where definitions are text.
import { z } from "zod";
import { expecting } from "../spec/option-notes.ts";
import { name as topicName } from "../spec/option-values.ts";
import { isTopic, type Topic, topicOption } from "./topic.ts";

export type TopicName = string | Topic;

/** An option that takes a topic by its name or as it is. */
export function topicNameOption(): z.ZodType<TopicName, TopicName> {
  return expecting(
    "a name of lower case letters, digits and `_`, or what `defineTopic` returns",
    z.union([topicName(), topicOption()]),
  );
}

/** The name that is meant. */
export function toTopicName(topic: TopicName): string {
  return isTopic(topic) ? topic.name : topic;
}
