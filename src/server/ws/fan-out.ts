// Gives what has happened to those who follow it. Clients that follow one topic get the same bytes; to those that follow
// several each message is sent once, in order.
import type { ProgressMessage, Topic } from "../../api/event-message.ts";
import type { EventClient, Frames, Subscription } from "./event-client.ts";
import { type FeedEntry, type Redact, type Subject, topicsOf } from "./feed-entry.ts";
import type { RunTrees } from "./run-trees.ts";

/** Something to be sent; what is no event has no position. */
interface Item extends Subject {
  readonly position?: number;
  readonly text: string;
}

export interface EntryFanOut {
  /** In order; read in one go. */
  readonly entries: readonly FeedEntry[];
  /** Where the tail was before and is now. */
  readonly before: number;
  readonly now: number;
}

/** Events. A client that is full gets none: its subscriptions stall where the tail was before. */
export function fanOutEntries(clients: Iterable<EventClient>, trees: RunTrees, fan: EntryFanOut): void {
  for (const entry of fan.entries) trees.observe(entry);
  const byTopic = groupByTopic(fan.entries, trees);
  const frames = createFrames(byTopic);
  const first = fan.entries[0]?.position ?? 0;
  for (const client of clients) {
    const wanted = findWanted(client, byTopic);
    const [only] = wanted;
    if (only === undefined) continue;
    if (client.isFull) stall(wanted, fan.before);
    else if (client.subscriptions.size === 1 && only.position < first) client.sendFrames(frames(only.topic));
    else sendUnion(client, wanted, { byTopic, now: fan.now });
  }
}

export interface ProgressFanOut {
  readonly reports: readonly (Subject & { readonly message: ProgressMessage })[];
  readonly redact: Redact;
}

/** Reports of how far runs are. A client that is full does without: the next one is newer. */
export function fanOutProgress(
  clients: Iterable<EventClient>,
  trees: RunTrees,
  { reports, redact }: ProgressFanOut,
): void {
  const items = reports.map(({ message, ...subject }) => ({ ...subject, text: JSON.stringify(redact(message)) }));
  const byTopic = groupByTopic(items, trees);
  const frames = createFrames(byTopic);
  for (const client of clients) {
    const wanted = findWanted(client, byTopic);
    const [only] = wanted;
    if (only === undefined || client.isFull) continue;
    if (wanted.length === 1) client.sendFrames(frames(only.topic));
    else client.sendTexts(textsOf(wanted.flatMap(({ topic }) => byTopic.get(topic) ?? [])));
  }
}

function groupByTopic<Kind extends Item>(items: readonly Kind[], trees: RunTrees): ReadonlyMap<Topic, readonly Kind[]> {
  const byTopic = new Map<Topic, Kind[]>();
  for (const item of items) {
    for (const topic of [...topicsOf(item), ...trees.topicsOf(item)]) {
      const list = byTopic.get(topic);
      if (list === undefined) byTopic.set(topic, [item]);
      else list.push(item);
    }
  }
  return byTopic;
}

// Made when the first client wants them, once for all.
function createFrames(byTopic: ReadonlyMap<Topic, readonly Item[]>): (topic: Topic) => Frames {
  const made = new Map<Topic, Frames>();
  return (topic) => {
    const known = made.get(topic);
    if (known !== undefined) return known;
    const texts = (byTopic.get(topic) ?? []).map(({ text }) => text);
    let single: readonly Buffer[] | undefined;
    const frames: Frames = {
      batch: Buffer.from(`[${texts.join(",")}]`),
      get single() {
        return (single ??= texts.map((text) => Buffer.from(text)));
      },
    };
    made.set(topic, frames);
    return frames;
  };
}

function findWanted(client: EventClient, byTopic: ReadonlyMap<Topic, readonly Item[]>): Subscription[] {
  const wanted: Subscription[] = [];
  for (const subscription of client.subscriptions.values()) {
    if (subscription.state === "live" && byTopic.has(subscription.topic)) wanted.push(subscription);
  }
  return wanted;
}

function stall(subscriptions: readonly Subscription[], before: number): void {
  for (const subscription of subscriptions) {
    subscription.position = Math.max(subscription.position, before);
    subscription.state = "stalled";
  }
}

interface Union {
  readonly byTopic: ReadonlyMap<Topic, readonly FeedEntry[]>;
  readonly now: number;
}

// With several topics a message says how far its own is; the position at the end speaks for all.
function sendUnion(client: EventClient, wanted: readonly Subscription[], { byTopic, now }: Union): void {
  const entries = wanted.flatMap(({ topic, position }) =>
    (byTopic.get(topic) ?? []).filter((entry) => entry.position > position),
  );
  const texts = textsOf(entries.toSorted((a, b) => a.position - b.position));
  if (texts.length === 0) return;
  if (client.subscriptions.size > 1 && client.isLive)
    texts.push(JSON.stringify({ type: "position", pos: String(now) }));
  client.sendTexts(texts);
}

function textsOf(items: readonly Item[]): string[] {
  return [...new Set(items)].map(({ text }) => text);
}
