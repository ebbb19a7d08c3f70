// An event as the hub holds it: who it is about, to find who wants it, and the text that all of them get.
import type { Topic } from "../../api/event-message.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { FeedEvent } from "../../store/feed/feed-store.ts";
import { toRunMessage } from "./to-run-message.ts";

/** Returns the same with what is secret in it masked. */
export type Redact = <Value>(value: Value) => Value;

/** The run, job or dataset that a message is about. */
export interface Subject {
  readonly runId: RunId;
  readonly rootRunId: RunId;
  readonly job: string;
}

export interface FeedEntry extends Subject {
  readonly position: number;
  readonly seq: number;
  readonly parentRunId: RunId | undefined;
  /** After it the run does not execute. */
  readonly isRest: boolean;
  /** The message as JSON. */
  readonly text: string;
}

/** @param redact takes secrets out of what is sent */
export function toFeedEntry(event: FeedEvent, redact: Redact): FeedEntry {
  const { runId, rootRunId, parentRunId, job, seq } = event;
  const message = toRunMessage(event);
  const position = Number(event.position);
  const isRest = message.state !== "RUNNING";
  return { position, seq, runId, rootRunId, parentRunId, job, isRest, text: JSON.stringify(redact(message)) };
}

/** The topics that something falls under, but for those of pipelines inside pipelines. @see RunTrees */
export function topicsOf({ runId, rootRunId, job }: Subject): Topic[] {
  const topics: Topic[] = ["runs", `job:${job}`, `run:${formatRunId(runId)}`];
  if (runId === rootRunId) topics.push("jobs");
  else topics.push(`run:${formatRunId(rootRunId)}`);
  return topics;
}
