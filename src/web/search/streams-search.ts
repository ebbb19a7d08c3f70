// Parses the addresses of the screens of streams: the tab, what records are looked at, which dead letters are listed.
import { readNumber, readOneOf, readText, type RawSearch } from "../search-params.ts";
import type { DeadLetterState } from "../../core/stream/stream-ledger.ts";

export type StreamTab = "topics" | "groups" | "stores" | "replays" | "dead-letters";

const streamTabs: readonly StreamTab[] = ["topics", "groups", "stores", "replays", "dead-letters"];

/** In the order in which they happen. */
export const letterStates: readonly DeadLetterState[] = ["open", "retried", "discarded"];

export interface StreamsSearch {
  /** Left out: topics. */
  readonly tab?: StreamTab | undefined;
  /** Of dead letters. */
  readonly group?: string | undefined;
  readonly topic?: string | undefined;
  /** Left out: open ones. */
  readonly state?: DeadLetterState | "any" | undefined;
}

export function parseStreamsSearch(raw: RawSearch): StreamsSearch {
  return {
    tab: readOneOf(raw, "tab", streamTabs),
    group: readText(raw, "group"),
    topic: readText(raw, "topic"),
    state: readOneOf(raw, "state", [...letterStates, "any"]),
  };
}

/** Which records of a topic are looked at. */
export interface TopicSearch {
  readonly partition?: number | undefined;
  readonly offset?: number | undefined;
  /** An instant. */
  readonly since?: string | undefined;
  readonly key?: string | undefined;
}

export function parseTopicSearch(raw: RawSearch): TopicSearch {
  const since = readText(raw, "since");
  return {
    partition: readNumber(raw, "partition", 0, 999_999),
    offset: readNumber(raw, "offset", 0, Number.MAX_SAFE_INTEGER),
    since: since === undefined || Number.isNaN(Date.parse(since)) ? undefined : since,
    key: readText(raw, "key"),
  };
}
