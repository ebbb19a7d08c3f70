// The dispatcher over a real outbox, with peers that are functions.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { NewNotice, NotificationMessage } from "../../core/notification/notice.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { type MessageSender, NoticeDispatcher } from "./notice-dispatcher.ts";

describe("the dispatcher of messages", () => {
  test("sends what is due and records it", async () => {
    await using fixture = await createFixture(() => ({}));
    await fixture.enqueue("a", "b");
    expect(await fixture.dispatcher.deliverDue()).toBe(2);
    expect(fixture.sent.map(({ thread }) => thread)).toEqual(["job/a", "job/b"]);
    expect(await fixture.states()).toEqual(["sent", "sent"]);
    expect(await fixture.dispatcher.deliverDue()).toBe(0);
  });

  test("tries again what may pass, after a pause that grows, with the same id", async () => {
    let failures = 2;
    await using fixture = await createFixture(() => {
      if (failures > 0) {
        failures -= 1;
        throw new MillraceError("SERVICE_UNAVAILABLE", "not now");
      }
      return {};
    });
    await fixture.enqueue("a");
    await fixture.dispatcher.deliverDue();
    expect(await fixture.store.nextNotificationInMs(["ops"])).toBe(5_000);
    fixture.advance(5_000);
    await fixture.dispatcher.deliverDue();
    expect(await fixture.store.nextNotificationInMs(["ops"])).toBe(10_000);
    fixture.advance(10_000);
    await fixture.dispatcher.deliverDue();
    expect(await fixture.states()).toEqual(["sent"]);
    expect(new Set(fixture.sent.map(({ uid }) => uid)).size).toBe(1);
  });

  test("waits as long as the peer says, and puts the rest of the channel back without trying it", async () => {
    await using fixture = await createFixture(() => {
      throw new MillraceError("RATE_LIMITED", "slow down", { retryAfterMs: 70_000 });
    });
    await fixture.enqueue("a", "b", "c");
    await fixture.dispatcher.deliverDue();
    expect(fixture.sent).toHaveLength(1);
    const records = await fixture.store.listNotifications({ limit: 10 });
    expect(records.map(({ attempts }) => attempts)).toEqual([0, 0, 1]);
    expect(await fixture.store.nextNotificationInMs(["ops"])).toBe(70_000);
  });

  test("gives up what is refused, and tells why and what to do", async () => {
    await using fixture = await createFixture(() => {
      throw new MillraceError("RECIPIENTS_REFUSED", "nobody of that name", { hint: "correct `to`" });
    });
    await fixture.enqueue("a");
    await fixture.dispatcher.deliverDue();
    expect(await fixture.store.listNotifications({ limit: 1 })).toMatchObject([
      {
        state: "given_up",
        failure: { code: "RECIPIENTS_REFUSED", message: "nobody of that name", hint: "correct `to`" },
      },
    ]);
  });

  test("gives up in the end what never passes", async () => {
    await using fixture = await createFixture(() => {
      throw new MillraceError("CONNECTION_FAILED", "no answer");
    });
    await fixture.enqueue("a");
    for (let tries = 0; tries < 30; tries += 1) {
      await fixture.dispatcher.deliverDue();
      fixture.advance(2 * 3_600_000);
    }
    expect(await fixture.states()).toEqual(["given_up"]);
    expect(fixture.sent).toHaveLength(30);
  });

  test("tells of a message that only some got", async () => {
    const partly = new MillraceError("RECIPIENTS_REFUSED", "1 of 2 recipients were refused");
    await using fixture = await createFixture(() => ({ partly }));
    await fixture.enqueue("a");
    await fixture.dispatcher.deliverDue();
    expect(await fixture.store.listNotifications({ limit: 1 })).toMatchObject([
      { state: "partly_sent", failure: { message: "1 of 2 recipients were refused" } },
    ]);
  });

  test("does not wait for a peer that never answers", async () => {
    await using fixture = await createFixture(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
      { isLate: true },
    );
    await fixture.enqueue("a");
    await fixture.dispatcher.deliverDue();
    expect(await fixture.store.listNotifications({ limit: 1 })).toMatchObject([
      { state: "waiting", failure: { code: "CONNECTION_FAILED" } },
    ]);
  });

  test("pauses between two messages of a channel that wants it", async () => {
    await using fixture = await createFixture(() => ({}), { paceMs: 1_000 });
    await fixture.enqueue("a", "b", "c");
    await fixture.dispatcher.deliverDue();
    expect(fixture.pauses).toEqual([1_000, 1_000]);
  });

  test("hears of new messages, and sends the last ones when it is stopped", async () => {
    const heard = Promise.withResolvers<void>();
    await using fixture = await createFixture(() => {
      heard.resolve();
      return {};
    });
    fixture.dispatcher.start();
    await fixture.enqueue("a");
    await heard.promise;
    await fixture.enqueue("b");
    await fixture.dispatcher.stop();
    expect(await fixture.states()).toEqual(["sent", "sent"]);
  });
});

interface Fixture extends AsyncDisposable {
  readonly store: Store;
  readonly dispatcher: NoticeDispatcher;
  readonly sent: NotificationMessage[];
  readonly pauses: number[];
  advance(ms: number): void;
  enqueue(...keys: string[]): Promise<void>;
  states(): Promise<string[]>;
}

type Peer = (
  message: NotificationMessage,
  signal: AbortSignal,
) => { readonly partly?: MillraceError } | Promise<{ readonly partly?: MillraceError }>;

async function createFixture(peer: Peer, { isLate = false, paceMs = 0 } = {}): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-notices-"));
  let nowMs = Date.UTC(2026, 0, 1);
  const pauses: number[] = [];
  const clock = {
    now: () => nowMs,
    // Waits that can be ended last until then; a late peer is one whose time is over at once.
    sleep: async (ms: number, signal?: AbortSignal): Promise<void> => {
      if (signal === undefined) pauses.push(ms);
      else if (!isLate && !signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  const store = await createSqliteStore({ path: join(folder, "store.db"), clock, isDurable: false });
  const sent: NotificationMessage[] = [];
  const sender: MessageSender = {
    send: async (message, signal) => {
      sent.push(message);
      return await peer(message, signal);
    },
  };
  const dispatcher = new NoticeDispatcher({
    store,
    clock,
    sender,
    random: () => 0.5,
    channels: () => ["ops"],
    onError: (error) => expect.fail(error.message),
    ...(paceMs === 0 ? {} : { paceMs: () => paceMs }),
  });
  return {
    store,
    dispatcher,
    sent,
    pauses,
    advance: (ms) => (nowMs += ms),
    enqueue: async (...keys) => void (await store.enqueueNotices(keys.map(toNotice))),
    states: async () => (await store.listNotifications({ limit: 10 })).map(({ state }) => state),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

function toNotice(key: string): NewNotice {
  const route = { channel: "ops", groupMs: 0, repeatMs: null, after: 1, isPaging: false };
  return { event: "succeeded", job: "job", severity: "info", key, message: "done", routes: [route] };
}
