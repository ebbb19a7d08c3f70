import { expect, it } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { FeedEvent } from "../../store/feed/feed-store.ts";
import { CatchUp } from "./catch-up.ts";
import { type ClientSocket, EventClient, type Subscription } from "./event-client.ts";
import { toFeedEntry } from "./feed-entry.ts";

it("goes from the store to memory to the tail, each event once", async () => {
  const world = new World(30, 20);
  const subscription = world.subscribe(5);
  await world.catchUp({}).bring(world.client, subscription, "too_old");
  expect(subscription).toMatchObject({ state: "live", position: 30 });
  expect(world.positions).toEqual(Array.from({ length: 25 }, (_, index) => index + 6));
});

it("takes what came meanwhile along", async () => {
  const world = new World(10, 0);
  const subscription = world.subscribe(8);
  world.onSend = () => {
    if (world.end < 14) world.end += 2;
  };
  await world.catchUp({}).bring(world.client, subscription, "too_old");
  expect(world.positions).toEqual([9, 10, 11, 12, 13, 14]);
  expect(subscription.position).toBe(14);
});

it("gives up on a client that is too far behind, and says from where to go on", async () => {
  const world = new World(5_000, 5_000);
  const subscription = world.subscribe(0);
  await world.catchUp({ maxEvents: 600 }).bring(world.client, subscription, "slow");
  expect(subscription).toMatchObject({ state: "live", position: 5_000 });
  expect(world.sent.at(-1)).toEqual({ type: "resync", topic: "runs", pos: "5000", why: "slow" });
  expect(world.positions.length).toBeLessThanOrEqual(1_500);
});

it("stops when the subscription is given up", async () => {
  const world = new World(3_000, 3_000);
  const subscription = world.subscribe(0);
  world.onSend = () => {
    subscription.state = "over";
  };
  await world.catchUp({}).bring(world.client, subscription, "too_old");
  expect(subscription.state).toBe("over");
  expect(world.positions).toHaveLength(500);
});

it("waits for another server's position to come here, too", async () => {
  const world = new World(10, 0);
  const subscription = world.subscribe(12);
  await world.catchUp({}).bring(world.client, subscription, "too_old");
  expect(subscription).toMatchObject({ state: "live", position: 12 });
  expect(world.sent).toEqual([]);
});

/** A stream of `end` events, of which those after `rememberedFrom` are in memory. */
class World {
  readonly sent: { readonly pos?: string }[] = [];
  readonly client: EventClient;
  onSend: () => void = () => {};
  end: number;
  readonly #rememberedFrom: number;

  constructor(end: number, rememberedFrom: number) {
    this.end = end;
    this.#rememberedFrom = rememberedFrom;
    const socket: ClientSocket = {
      bufferedAmount: 0,
      send: (data, _options, sent) => {
        const parsed = JSON.parse(data.toString()) as { pos: string } | { pos: string }[];
        this.sent.push(...(Array.isArray(parsed) ? parsed : [parsed]));
        this.onSend();
        sent?.();
      },
      ping: () => {},
      close: () => {},
      terminate: () => {},
    };
    const caller = { name: "ann", role: "viewer", tokenId: "t" } as const;
    this.client = new EventClient(socket, { caller, expiresAtMs: undefined, nowMs: 0 });
    this.client.isBatching = true;
  }

  get positions(): number[] {
    return this.sent.flatMap((message) => ("run_id" in message ? [Number(message.pos)] : []));
  }

  subscribe(position: number): Subscription {
    const subscription: Subscription = { topic: "runs", position, state: "behind" };
    this.client.subscriptions.set("runs", subscription);
    return subscription;
  }

  catchUp(options: { readonly maxEvents?: number }): CatchUp {
    const getEnd = (): number => this.end;
    return new CatchUp({
      ...options,
      redact,
      trees: { has: () => false },
      tail: {
        get position() {
          return getEnd();
        },
        recall: (after) =>
          after < this.#rememberedFrom
            ? undefined
            : this.#events(after, this.end).map((event) => toFeedEntry(event, redact)),
      },
      store: {
        readFeed: async (after, { limit }) => {
          const from = Number(after);
          const events = this.#events(from, Math.min(this.end, from + limit));
          const position = String(Math.min(this.end, from + limit));
          return { events, position, isComplete: true, isEnd: events.length < limit };
        },
      },
    });
  }

  #events(after: number, upTo: number): FeedEvent[] {
    const count = Math.max(0, upTo - after);
    return Array.from({ length: count }, (_, index) => toEvent(after + index + 1));
  }
}

function redact<Value>(value: Value): Value {
  return value;
}

function toEvent(position: number): FeedEvent {
  return {
    runId: position as RunId,
    rootRunId: position as RunId,
    parentRunId: undefined,
    job: "etl",
    kind: "job",
    seq: 1,
    type: "submitted",
    atMs: 0,
    position: String(position),
    startedAtMs: undefined,
  };
}
