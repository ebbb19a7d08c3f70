// Remembers the place of a client in the event stream: how far it has seen each topic, and the newest event of each
// run, so that every event is given on once, also across connections.
import type { RunMessage, ServerMessage, Topic } from "../api/event-message.ts";

/** Runs that are remembered; of others an event might be given on twice. */
const maxRuns = 20_000;

/** Pure memory, no connection. */
export class StreamCursor {
  /** Up to where each topic was seen; `undefined`: not begun. */
  readonly #positions = new Map<Topic, string | undefined>();
  /** Topics that the server has confirmed on this connection. */
  readonly #confirmed = new Set<Topic>();
  readonly #newest = new Map<string, number>();
  /** Messages under way may be of a topic that was given up. */
  #isMixed = false;

  get topics(): readonly Topic[] {
    return [...this.#positions.keys()];
  }

  /** @param since position to begin at; default: what happens from now on */
  add(topic: Topic, since?: string): void {
    this.#positions.set(topic, since);
  }

  remove(topic: Topic): void {
    this.#positions.delete(topic);
    this.#confirmed.delete(topic);
    this.#isMixed = true;
  }

  /** Where to go on with a topic on a new connection; `undefined`: it was never begun. */
  resumeAt(topic: Topic): string | undefined {
    return this.#positions.get(topic);
  }

  /** Call for each new connection. */
  reconnect(): void {
    this.#confirmed.clear();
    this.#isMixed = false;
  }

  /** Takes note of a message. @returns false when the client has had it before, or its topic was given up */
  accept(message: ServerMessage): boolean {
    switch (message.type) {
      case "subscribed":
      case "resync":
        return this.#begin(message.topic, message.pos, message.type === "resync");
      case "position":
        for (const topic of this.#confirmed) this.#advance(topic, message.pos);
        return true;
      case "job_submitted":
      case "job_started":
      case "job_paused":
      case "job_resumed":
      case "job_completed":
      case "job_error":
      case "job_retry_scheduled":
      case "job_event":
        return this.#acceptEvent(message);
      default:
        return true;
    }
  }

  // A topic that goes on after a break is where the client said, not where the server is.
  #begin(topic: Topic, pos: string, isForced: boolean): boolean {
    if (!this.#positions.has(topic)) return false;
    this.#confirmed.add(topic);
    if (isForced || this.#positions.get(topic) === undefined) this.#positions.set(topic, pos);
    return true;
  }

  #advance(topic: Topic, pos: string): void {
    const before = this.#positions.get(topic);
    if (before === undefined || comparePositions(before, pos) < 0) this.#positions.set(topic, pos);
  }

  #acceptEvent({ run_id: runId, seq, pos }: RunMessage): boolean {
    // Topics come one after another: with several, a message says nothing of how far the others are.
    const [only] = this.#positions.keys();
    if (only !== undefined && this.#positions.size === 1 && !this.#isMixed) this.#advance(only, pos);
    const newest = this.#newest.get(runId);
    if (newest !== undefined && seq <= newest) return false;
    this.#newest.delete(runId);
    this.#newest.set(runId, seq);
    if (this.#newest.size > maxRuns) {
      for (const oldest of this.#newest.keys()) {
        this.#newest.delete(oldest);
        break;
      }
    }
    return true;
  }
}

/** Positions are decimal numbers of any length. @returns less than 0 when `a` comes before `b` */
export function comparePositions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
