// The outbox: what is told with the end of a run, once for the same trouble, sent by one process at a time.
import { expect, test } from "vitest";
import type { NewNotice, NoticeRoute } from "../../../src/core/notification/notice.ts";
import { formatRunId, type RunId } from "../../../src/core/run-id.ts";
import type { Settlement } from "../../../src/store/rows/run-records.ts";
import type { ClaimedNotification, NotificationRecord } from "../../../src/store/notifications/notification-store.ts";
import { at, createStoreFixture, type CreateStore, fenceOf, someError, type StoreFixture } from "./store-fixture.ts";

const hourMs = 3_600_000;
const leaseMs = 60_000;

export function describeNotifying(createStore: CreateStore): void {
  test("a message is written with the end of a run, and lost with it when the lease is gone", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await claimNew(fixture);
    const lost = await fixture.store.settle([failing({ ...run, epoch: run.epoch + 1 }, [failed(run.runId)])]);
    expect(lost.lostRunIds).toEqual([run.runId]);
    expect(await list(fixture)).toEqual([]);
    await fixture.store.settle([failing(run, [failed(run.runId)])]);
    expect(await list(fixture)).toMatchObject([
      {
        channel: "ops",
        action: "tell",
        event: "failed",
        job: "job",
        severity: "error",
        state: "waiting",
        attempts: 0,
        count: 1,
        notices: [{ run: formatRunId(run.runId), message: "it broke", times: 1, sinceMs: fixture.clock.now() }],
      },
    ]);
  });

  test("the same trouble is told once, again after a day, and once that it is over", async () => {
    await using fixture = await createStoreFixture(createStore);
    await failOnce(fixture);
    fixture.clock.advance(hourMs);
    await failOnce(fixture);
    expect(await list(fixture)).toHaveLength(1);
    await failOnce(fixture, { key: "failed:other" });
    expect(await list(fixture)).toHaveLength(2);
    fixture.clock.advance(24 * hourMs);
    await failOnce(fixture);
    expect((await list(fixture)).map(({ notices }) => notices[0]?.times)).toEqual([4, 3, 1]);
    await finishOnce(fixture);
    await finishOnce(fixture);
    const [recovered, ...before] = await list(fixture);
    expect(before).toHaveLength(3);
    expect(recovered).toMatchObject({ event: "recovered", notices: [{ times: 4 }] });
    await failOnce(fixture);
    expect(await list(fixture)).toMatchObject([{ notices: [{ times: 1 }] }, {}, {}, {}, {}]);
  });

  test("others are told when a job failed three times in a row", async () => {
    await using fixture = await createStoreFixture(createStore);
    const routes = [route(), route({ channel: "boss", after: 3 })];
    for (let times = 0; times < 4; times += 1) await failOnce(fixture, { routes });
    expect((await list(fixture)).map(({ channel, notices }) => [channel, notices[0]?.times])).toEqual([
      ["boss", 3],
      ["ops", 1],
    ]);
  });

  test("an alarm is ended with its own thread, and dropped when nobody has heard of it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const routes = [route({ channel: "page", isPaging: true })];
    await failOnce(fixture, { routes });
    await deliverAll(fixture, ["page"]);
    await finishOnce(fixture, { routes: [] });
    const [resolve, alarm] = await list(fixture);
    expect(resolve).toMatchObject({ action: "resolve", channel: "page", thread: "job/failed:one", state: "waiting" });
    expect(alarm).toMatchObject({ action: "tell", thread: "job/failed:one", state: "sent" });
    await deliverAll(fixture, ["page"]);
    await failOnce(fixture, { routes });
    await finishOnce(fixture, { routes: [] });
    expect(await list(fixture)).toMatchObject([{ action: "tell", state: "dropped" }, {}, {}]);
  });

  test("a channel is told of one run once, of its checks before its failure", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await claimNew(fixture);
    const results = [{ name: "id is unique", passed: false, severity: "block" }];
    await fixture.store.appendEvents(run, [{ type: "checks_evaluated", data: { dataset: "sales", results } }]);
    const quality: NewNotice = { ...failed(run.runId), event: "quality", key: "quality", isFromChecks: true };
    const both = [quality, { ...failed(run.runId), routes: [route(), route({ channel: "boss" })] }];
    await fixture.store.settle([failing(run, both)]);
    expect((await list(fixture)).map(({ channel, event }) => [channel, event])).toEqual([
      ["boss", "failed"],
      ["ops", "quality"],
    ]);
    const [, told] = await list(fixture);
    expect(told?.notices[0]?.message).toBe("check `id is unique` of dataset `sales` failed (block)");
  });

  test("a run whose checks found nothing has no notice of them", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await claimNew(fixture);
    const results = [{ name: "id is unique", passed: true, severity: "block" }];
    await fixture.store.appendEvents(run, [{ type: "checks_evaluated", data: { dataset: "sales", results } }]);
    await fixture.store.settle([failing(run, [{ ...failed(run.runId), event: "quality", isFromChecks: true }])]);
    expect(await list(fixture)).toEqual([]);
  });

  test("what comes within a window is one message, which is closed when it was tried", async () => {
    await using fixture = await createStoreFixture(createStore);
    const routes = [route({ groupMs: 300_000 })];
    const notices = Array.from({ length: 25 }, (_, number) => succeeded(number, routes));
    await fixture.store.enqueueNotices(notices.slice(0, 2));
    await fixture.store.enqueueNotices(notices.slice(2));
    const [group] = await list(fixture);
    expect(await list(fixture)).toHaveLength(1);
    expect(group).toMatchObject({ count: 25, dueAtMs: fixture.clock.now() + 300_000 });
    expect(group?.notices).toHaveLength(20);
    expect(await claim(fixture)).toEqual([]);
    fixture.clock.advance(300_000);
    expect(await claim(fixture)).toMatchObject([{ count: 25, attempt: 1 }]);
    await fixture.store.enqueueNotices([succeeded(99, routes)]);
    expect((await list(fixture)).map(({ count }) => count)).toEqual([1, 25]);
  });

  test("messages wait for the end of quiet hours, but for those that are critical", async () => {
    await using fixture = await createStoreFixture(createStore);
    const quietHours = { from: "22:00", to: "07:00", timezone: "Europe/Berlin" };
    const night = route({ quietHours });
    await fixture.store.enqueueNotices([
      succeeded(1, [night]),
      succeeded(2, [{ ...night, channel: "boss", severity: "critical" }]),
    ]);
    // The clock of the fixture begins at 01:00 in Berlin.
    expect((await list(fixture)).map(({ dueAtMs }) => dueAtMs - fixture.clock.now())).toEqual([0, 6 * hourMs]);
  });

  test("one process at a time has a message, and another one when the first is gone", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    await failOnce(fixture);
    const [first] = await claim(fixture);
    expect(await other.claimNotifications({ channels: ["ops"], limit: 10, leaseMs })).toEqual([]);
    expect(await other.nextNotificationInMs(["ops"])).toBe(leaseMs);
    fixture.clock.advance(leaseMs);
    const [second] = await other.claimNotifications({ channels: ["ops"], limit: 10, leaseMs });
    expect(second).toEqual({ ...first, attempt: 2 });
    expect(await fixture.store.recordDelivery({ ...fence(first), is: "sent" })).toBe(false);
    expect(await other.recordDelivery({ ...fence(second), is: "sent" })).toBe(true);
    expect(await list(fixture)).toMatchObject([{ state: "sent", attempts: 2, endedAtMs: fixture.clock.now() }]);
    expect(await other.nextNotificationInMs(["ops"])).toBeUndefined();
  });

  test("messages about the same are sent in order, and channels that are not known are left to others", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.enqueueNotices([succeeded(1, [route()]), succeeded(1, [route()]), succeeded(2, [route()])]);
    expect((await claim(fixture)).map(({ thread }) => thread)).toEqual(["job/1", "job/2"]);
    expect(await fixture.store.claimNotifications({ channels: ["boss"], limit: 10, leaseMs })).toEqual([]);
    expect(await fixture.store.claimNotifications({ channels: [], limit: 10, leaseMs })).toEqual([]);
  });

  test("a message is tried again later, put back without counting, given up, and retried by a person", async () => {
    await using fixture = await createStoreFixture(createStore);
    await failOnce(fixture);
    const failure = { code: "CONNECTION_FAILED", message: "no answer" };
    const [first] = await claim(fixture);
    await fixture.store.recordDelivery({ ...fence(first), is: "retry", delayMs: 5_000, failure });
    expect(await claim(fixture)).toEqual([]);
    fixture.clock.advance(5_000);
    const [second] = await claim(fixture);
    await fixture.store.recordDelivery({ ...fence(second), is: "put_back", delayMs: 0 });
    const [third] = await claim(fixture);
    expect(third?.attempt).toBe(2);
    await fixture.store.recordDelivery({ ...fence(third), is: "given_up", failure });
    const [record] = await list(fixture);
    expect(record).toMatchObject({ state: "given_up", failure });
    expect(await fixture.store.countGivenUpNotifications()).toBe(1);
    const id = record?.id ?? 0;
    expect(await fixture.store.retryNotification(id)).toBe(true);
    expect(await fixture.store.retryNotification(id)).toBe(false);
    expect(await fixture.store.countGivenUpNotifications()).toBe(0);
    expect(await claim(fixture)).toMatchObject([{ id, uid: first?.uid, attempt: 1 }]);
    expect(await fixture.store.findNotification(id)).toMatchObject({ state: "waiting" });
  });

  test("a run that is given up because workers died of it is told of", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const workerId = await fixture.worker();
    await fixture.claimOne(workerId);
    const noticesOf = (lost: { readonly runId: RunId; readonly job: string }): readonly NewNotice[] => [
      { ...failed(lost.runId), job: lost.job },
    ];
    await fixture.store.reap({ limit: 10, deadWorkerIds: [workerId], maxLosses: 1, noticesOf });
    expect(await list(fixture)).toMatchObject([
      { event: "failed", job: "job", notices: [{ run: formatRunId(runId) }] },
    ]);
  });

  test("lists are filtered, page by page, and go with the history", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.enqueueNotices([1, 2, 3].map((number) => succeeded(number, [route()])));
    await deliverAll(fixture, ["ops"], 2);
    expect(await fixture.store.listNotifications({ state: "sent", channel: "ops", job: "job", limit: 9 })).toHaveLength(
      2,
    );
    const [first] = await fixture.store.listNotifications({ limit: 1 });
    const rest = await fixture.store.listNotifications({ limit: 9, beforeId: at([first], 0)?.id ?? 0 });
    expect(rest).toHaveLength(2);
    fixture.clock.advance(1);
    await fixture.store.removeHistory({ endedBeforeMs: fixture.clock.now(), limit: 10 });
    expect(await list(fixture)).toMatchObject([{ state: "waiting" }]);
  });
}

function route(overrides: Partial<NoticeRoute> = {}): NoticeRoute {
  return { channel: "ops", groupMs: 0, repeatMs: 24 * hourMs, after: 1, isPaging: false, ...overrides };
}

function failed(runId: RunId): NewNotice {
  const run = formatRunId(runId);
  return {
    event: "failed",
    job: "job",
    severity: "error",
    key: "failed:one",
    run,
    message: "it broke",
    routes: [route()],
  };
}

function succeeded(number: number, routes: readonly NoticeRoute[]): NewNotice {
  return { event: "succeeded", job: "job", severity: "info", key: String(number), message: "done", routes };
}

function failing(run: { readonly runId: RunId; readonly epoch: number }, notices: readonly NewNotice[]): Settlement {
  return { ...fenceOf(run), end: "failed", reason: "failed", error: someError, notices };
}

async function claimNew(fixture: StoreFixture): Promise<{ readonly runId: RunId; readonly epoch: number }> {
  await fixture.submit();
  return await fixture.claimOne(await fixture.worker());
}

async function failOnce(fixture: StoreFixture, overrides: Partial<NewNotice> = {}): Promise<void> {
  const run = await claimNew(fixture);
  await fixture.store.settle([failing(run, [{ ...failed(run.runId), ...overrides }])]);
}

async function finishOnce(fixture: StoreFixture, overrides: Partial<NewNotice> = {}): Promise<void> {
  const run = await claimNew(fixture);
  const recovered: NewNotice = {
    ...failed(run.runId),
    event: "recovered",
    key: "recovered",
    ends: ["failed"],
    ...overrides,
  };
  await fixture.store.settle([{ ...fenceOf(run), end: "finished", result: null, notices: [recovered] }]);
}

async function list({ store }: StoreFixture): Promise<readonly NotificationRecord[]> {
  return await store.listNotifications({ limit: 100 });
}

async function claim({ store }: StoreFixture, channels = ["ops"], limit = 10): Promise<readonly ClaimedNotification[]> {
  return await store.claimNotifications({ channels, limit, leaseMs });
}

async function deliverAll(fixture: StoreFixture, channels: string[], limit = 10): Promise<void> {
  for (const message of await claim(fixture, channels, limit)) {
    await fixture.store.recordDelivery({ ...fence(message), is: "sent" });
  }
}

function fence(message: ClaimedNotification | undefined): Pick<ClaimedNotification, "id" | "attempt"> {
  if (message === undefined) throw new Error("nothing was claimed");
  return { id: message.id, attempt: message.attempt };
}
