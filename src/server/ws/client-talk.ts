// What one client asks for, and the answers: subscriptions come and go in the order in which it asked.
import type { ClientMessage } from "../../api/event-message.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FeedStore } from "../../store/feed/feed-store.ts";
import { toInstant } from "../views/to-instant.ts";
import { type CatchUp, skipToTail } from "./catch-up.ts";
import { closeCodes, type EventClient, type Subscription } from "./event-client.ts";
import type { EventTail } from "./event-tail.ts";
import type { Redact } from "./feed-entry.ts";
import { parseClientMessage } from "./parse-client-message.ts";
import type { ReadSnapshot } from "./read-snapshot.ts";
import type { RunTrees } from "./run-trees.ts";

export interface ClientTalkOptions {
  readonly tail: EventTail;
  readonly trees: RunTrees;
  readonly catchUp: CatchUp;
  readonly store: Pick<FeedStore, "feedEnd">;
  readonly readSnapshot: ReadSnapshot | undefined;
  readonly redact: Redact;
  readonly onError: (error: unknown) => void;
}

type Subscribe = Extract<ClientMessage, { readonly type: "subscribe" }>;

const maxSubscriptions = 50;
/** Messages in ten seconds, and wrong ones in the life of a connection. */
const maxMessages = 200;
const windowMs = 10_000;
const maxMistakes = 5;

/** One for each connection; `end` when it is closed. */
export class ClientTalk {
  readonly #client: EventClient;
  readonly #options: ClientTalkOptions;
  #windowEndMs = 0;
  #messages = 0;
  #mistakes = 0;

  constructor(client: EventClient, options: ClientTalkOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** A frame as it came. */
  hear(data: unknown, isBinary: boolean): void {
    const nowMs = performance.now();
    this.#client.heardAtMs = nowMs;
    if (this.#isTooMany(nowMs)) {
      this.#client.close(closeCodes.misuse, "too many messages");
      return;
    }
    try {
      if (isBinary) throw new MillraceError("REQUEST_INVALID", "expected a message as text");
      this.#obey(parseClientMessage(String(data)));
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.#refuse(error);
    }
  }

  subscribe(message: Subscribe): void {
    const { subscriptions } = this.#client;
    const { topic, batch } = message;
    if (batch !== undefined) this.#client.isBatching = batch;
    const before = subscriptions.get(topic);
    if (before === undefined && subscriptions.size >= maxSubscriptions) {
      this.#client.send({ type: "error", code: "TOO_MANY_REQUESTS", detail: `at most \`${maxSubscriptions}\` topics` });
      return;
    }
    if (before !== undefined) this.#leave(before);
    const subscription: Subscription = { topic, position: 0, state: "behind" };
    subscriptions.set(topic, subscription);
    this.#begin(subscription, message).catch((error: unknown) => {
      this.#options.onError(error);
      if (subscription.state === "over") return;
      // The client comes back and goes on where it was.
      this.#client.close(closeCodes.failed, "the store cannot be read");
    });
  }

  /** The socket has room again. */
  goOn(): void {
    for (const subscription of this.#client.subscriptions.values()) {
      if (subscription.state !== "stalled") continue;
      this.#options.catchUp.bring(this.#client, subscription, "slow").catch((error: unknown) => {
        this.#options.onError(error);
        if (subscription.state === "behind") subscription.state = "stalled";
      });
    }
  }

  end(): void {
    this.#client.isClosed = true;
    for (const subscription of this.#client.subscriptions.values()) this.#leave(subscription);
    this.#client.subscriptions.clear();
  }

  #obey(message: ClientMessage): void {
    switch (message.type) {
      case "subscribe":
        this.subscribe(message);
        break;
      case "unsubscribe": {
        const subscription = this.#client.subscriptions.get(message.topic);
        if (subscription !== undefined) this.#leave(subscription);
        this.#client.subscriptions.delete(message.topic);
        this.#client.send({ type: "unsubscribed", topic: message.topic });
        break;
      }
      case "ping":
        this.#client.send({ type: "pong", at: toInstant(Date.now()) });
        break;
    }
  }

  async #begin(subscription: Subscription, message: Subscribe): Promise<void> {
    const { tail, trees, catchUp } = this.#options;
    const { topic, sinceSeq } = message;
    await Promise.all([tail.start(), trees.join(topic)]);
    if (isOver(subscription)) return;
    const since = sinceSeq === undefined ? undefined : Number(sinceSeq);
    subscription.position = since ?? tail.position;
    this.#client.send({ type: "subscribed", topic, pos: String(subscription.position) });
    if (since !== undefined && (await this.#isAhead(since))) {
      skipToTail(this.#client, subscription, { pos: tail.position, why: "too_old" });
      return;
    }
    if (message.snapshot ?? since === undefined) await this.#sendSnapshot(subscription);
    await catchUp.bring(this.#client, subscription, "too_old");
  }

  // Another server may be ahead of this one, but nobody is ahead of the store.
  async #isAhead(since: number): Promise<boolean> {
    const { tail, store } = this.#options;
    return since > tail.position && since > Number(await store.feedEnd());
  }

  // Read after the position was taken: what it has already is told again by the messages after it.
  async #sendSnapshot({ topic, position }: Subscription): Promise<void> {
    try {
      const snapshot = await this.#options.readSnapshot?.(topic, this.#client.caller);
      if (snapshot === undefined) return;
      this.#client.send({ type: "snapshot", topic, pos: String(position), ...this.#options.redact(snapshot) });
    } catch (error) {
      // The run may be unknown, for one. The client is told, and messages that may come are not kept from it.
      if (!(error instanceof MillraceError)) throw error;
      this.#client.send({ type: "error", code: error.code, detail: error.message });
    }
  }

  #leave(subscription: Subscription): void {
    subscription.state = "over";
    this.#options.trees.leave(subscription.topic);
  }

  #refuse(error: MillraceError): void {
    this.#mistakes += 1;
    const detail = error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
    this.#client.send({ type: "error", code: error.code, detail });
    if (this.#mistakes >= maxMistakes) this.#client.close(closeCodes.misuse, "too many wrong messages");
  }

  #isTooMany(nowMs: number): boolean {
    if (nowMs >= this.#windowEndMs) {
      this.#windowEndMs = nowMs + windowMs;
      this.#messages = 0;
    }
    this.#messages += 1;
    return this.#messages > maxMessages;
  }
}

// The client may have given it up during any wait.
function isOver({ state }: Subscription): boolean {
  return state === "over";
}
