// Follows live events over one connection for the page, which all screens share. A topic is followed while at least one
// component asks for it. Messages of one frame of the screen are delivered together, so that a busy orchestrator does
// not make a busy page.
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { EventStream, EventStreamState } from "../../client/event-stream.ts";
import type { ServerMessage, Topic } from "../../api/event-message.ts";
import { client } from "./api-client.ts";

/** `off` before the first topic and after the last one. `resumed` counts reconnections. */
export interface LiveState {
  readonly name: EventStreamState["name"] | "off";
  readonly retryAtMs: number | null;
  readonly resumed: number;
}

export interface TopicOptions {
  /** Whether the topic begins with a snapshot; default false, since screens load their state by REST. */
  readonly snapshot?: boolean;
  /** False follows nothing; default true. */
  readonly enabled?: boolean;
}

/**
 * Gives the messages of a topic to `onMessages`, at most once a frame. `orchestrator_changed` comes with every topic. After a `resync`
 * message, or when the page was asleep, the caller fetches its state again.
 */
export function useTopic(
  topic: Topic,
  onMessages: (messages: readonly ServerMessage[]) => void,
  { snapshot = false, enabled = true }: TopicOptions = {},
): void {
  const deliver = useEffectEvent(onMessages);
  useEffect(() => {
    if (!enabled) return;
    const pending: ServerMessage[] = [];
    let frame: number | undefined;
    const flush = (): void => {
      frame = undefined;
      deliver(pending.splice(0));
    };
    const stop = follow(topic, snapshot, (message) => {
      pending.push(message);
      // A hidden page paints no frames: keep what it would need to begin anew, not all that it missed.
      if (pending.length > maxPending) pending.splice(0, pending.length - maxPending, { ...resyncOf(topic) });
      frame ??= requestAnimationFrame(flush);
    });
    return () => {
      stop();
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }, [topic, snapshot, enabled]);
}

/** State of the connection, for the banner. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribeState, readState, readState);
}

type Listener = (message: ServerMessage) => void;

const maxPending = 5_000;
const followers = new Map<Topic, Set<Listener>>();
const stateListeners = new Set<() => void>();
let stream: EventStream | undefined;
let live: LiveState = { name: "off", retryAtMs: null, resumed: 0 };

function follow(topic: Topic, snapshot: boolean, listener: Listener): () => void {
  const listeners = followers.get(topic) ?? new Set();
  listeners.add(listener);
  if (!followers.has(topic)) {
    followers.set(topic, listeners);
    stream ??= client.events({ snapshot: false, onMessage: dispatch, onState: noteState });
    stream.subscribe(topic, { snapshot });
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    // React unmounts and mounts in one go when a screen changes: wait a moment before letting the topic go.
    setTimeout(() => {
      if (listeners.size > 0 || followers.get(topic) !== listeners) return;
      followers.delete(topic);
      stream?.unsubscribe(topic);
    }, 1_000);
  };
}

function dispatch(message: ServerMessage): void {
  for (const [topic, listeners] of followers) {
    if (!concerns(topic, message)) continue;
    for (const listener of listeners) listener(message);
  }
}

/** Tells whether a message belongs to a topic. A server sends it once although several topics want it. */
export function concerns(topic: Topic, message: ServerMessage): boolean {
  if ("topic" in message) return message.topic === topic;
  if (!("run_id" in message)) return true;
  if (topic === "runs") return true;
  if (topic === "jobs") return message.run_id === message.root_run_id;
  const name = topic.slice(topic.indexOf(":") + 1);
  if (topic.startsWith("job:")) return message.job_name === name;
  return (
    message.run_id === name ||
    message.root_run_id === name ||
    ("parent_run_id" in message && message.parent_run_id === name)
  );
}

function resyncOf(topic: Topic): ServerMessage {
  return { type: "resync", topic, pos: "", why: "slow" };
}

function noteState(state: EventStreamState): void {
  const wasLost = live.name === "waiting" || (live.name === "connecting" && live.retryAtMs !== null);
  live = {
    name: state.name,
    retryAtMs: state.name === "waiting" ? state.retryAtMs : state.name === "connecting" ? live.retryAtMs : null,
    resumed: live.resumed + (state.name === "open" && wasLost ? 1 : 0),
  };
  for (const listener of stateListeners) listener();
}

function readState(): LiveState {
  return live;
}

function subscribeState(listener: () => void): () => void {
  stateListeners.add(listener);
  return () => stateListeners.delete(listener);
}
