// The contract of what workers share about services: one renews a token for all, and no window has more than its quota.
import { expect, test } from "vitest";
import type { ConnectionStore } from "../../../../src/store/connections/connection-store.ts";
import { createStoreFixture, type CreateStore } from "../store-fixture.ts";

const first = { name: "crm", holder: "a", seenVersion: 0, sealed: "sealed 1", lifetimeMs: 1_000 };

export function describeConnecting(createStore: CreateStore): void {
  test("a connection is registered once, replaced on demand, and goes with its token", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const save = { name: "crm", sealed: "one", address: "https://x", auth: undefined, by: "ann", replace: false };
    expect(await store.saveConnection(save)).toBe(1);
    expect(await store.saveConnection({ ...save, sealed: "two" })).toBeUndefined();
    clock.advance(5);
    expect(await store.saveConnection({ ...save, sealed: "three", auth: "bearer", by: "bob", replace: true })).toBe(2);
    await store.saveConnection({ ...save, name: "ads" });
    const [ads, crm] = await store.listConnections();
    expect(ads).toMatchObject({ name: "ads", version: 1, auth: undefined });
    const expected = { name: "crm", version: 2, sealed: "three", address: "https://x", auth: "bearer", savedBy: "bob" };
    expect(crm).toEqual({ ...expected, savedAtMs: clock.now() });
    expect(await store.findConnection("crm")).toEqual(crm);
    await store.takeCredential("crm", "a", 60_000);
    await store.saveCredential(first);
    expect([await store.removeConnection("crm"), await store.removeConnection("crm")]).toEqual([true, false]);
    expect(await store.findConnection("crm")).toBeUndefined();
    expect(await store.findCredential("crm")).toMatchObject({ version: 0 });
  });

  test("what is sealed is replaced by what it was sealed anew as, and by nothing when it is another text by now", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const save = { name: "crm", sealed: "one", address: "https://x", auth: undefined, by: "ann", replace: false };
    await store.saveConnection(save);
    await store.takeCredential("empty", "a", 60_000);
    await store.takeCredential("crm", "a", 60_000);
    await store.saveCredential(first);
    const [connection, credential, ...others] = await store.listSealed();
    expect(connection).toEqual({ kind: "connection", name: "crm", sealed: "one" });
    expect(credential).toEqual({ kind: "credential", name: "crm", sealed: "sealed 1" });
    expect(others).toEqual([]);
    for (const secret of [connection!, credential!]) {
      expect(await store.replaceSealed({ ...secret, by: `${secret.sealed} anew` })).toBe(true);
      expect(await store.replaceSealed({ ...secret, by: "lost" })).toBe(false);
    }
    expect(await store.findConnection("crm")).toMatchObject({ version: 1, sealed: "one anew" });
    expect(await store.findCredential("crm")).toMatchObject({ version: 1, sealed: "sealed 1 anew" });
  });

  test("a token is there for all as soon as it is saved, and ends by the clock of the store", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    expect(await store.findCredential("crm")).toEqual({ version: 0, sealed: undefined, expiresInMs: undefined });
    expect(await store.takeCredential("crm", "a", 60_000)).toMatchObject({ version: 0 });
    expect(await store.saveCredential(first)).toBe(true);
    clock.advance(1_500);
    expect(await store.findCredential("crm")).toEqual({ version: 1, sealed: "sealed 1", expiresInMs: -500 });
    await store.takeCredential("crm", "a", 60_000);
    expect(await store.saveCredential({ ...first, seenVersion: 1, lifetimeMs: undefined })).toBe(true);
    expect(await store.findCredential("crm")).toMatchObject({ version: 2, expiresInMs: undefined });
  });

  test("one of many who want to renew a token at the same time may", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const holders = Array.from({ length: 10 }, (_, number) => `worker ${number}`);
    const taken = await Promise.all(
      holders.map((holder, number) => (number % 2 === 0 ? fixture.store : other).takeCredential("crm", holder, 60_000)),
    );
    expect(taken.filter((credential) => credential !== undefined)).toHaveLength(1);
  });

  test("a holder that died is overtaken when its time is over, and what it saves then is not written", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    await store.takeCredential("crm", "a", 60_000);
    clock.advance(59_999);
    expect(await store.takeCredential("crm", "b", 60_000)).toBeUndefined();
    clock.advance(1);
    expect(await store.takeCredential("crm", "b", 60_000)).toMatchObject({ version: 0 });
    expect(await store.saveCredential(first)).toBe(false);
    expect(await store.saveCredential({ ...first, holder: "b", sealed: "of b" })).toBe(true);
    expect(await store.saveCredential({ ...first, holder: "b", sealed: "again" })).toBe(false);
    expect(await store.findCredential("crm")).toMatchObject({ version: 1, sealed: "of b" });
  });

  test("who gives a credential back lets the next one in, and nobody gives back what is somebody else's", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    await store.takeCredential("crm", "a", 60_000);
    await store.releaseCredential("crm", "b");
    expect(await store.takeCredential("crm", "b", 60_000)).toBeUndefined();
    expect(await store.takeCredential("crm", "a", 60_000)).toMatchObject({ version: 0 });
    await store.releaseCredential("crm", "a");
    expect(await store.takeCredential("crm", "b", 60_000)).toMatchObject({ version: 0 });
  });

  test("a pause is there for all until it is over, and a shorter one does not end it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    expect(await store.readQuotaBlock("crm")).toBe(0);
    await store.blockQuota("crm", 5_000);
    await store.blockQuota("crm", 2_000);
    clock.advance(1_000);
    expect([await store.readQuotaBlock("crm"), await store.readQuotaBlock("other")]).toEqual([4_000, 0]);
    expect(await takeOne(store)).toEqual({ granted: 0, waitMs: 4_000, blockedMs: 4_000 });
    clock.advance(4_000);
    expect(await store.readQuotaBlock("crm")).toBe(0);
    expect(await takeOne(store)).toMatchObject({ granted: 1, blockedMs: 0 });
  });

  test("no window has more than its quota, wherever it begins, and most of it can be used", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const sentAt: number[] = [];
    const startedAtMs = clock.now();
    while (clock.now() - startedAtMs < 5_000) {
      const { granted, waitMs } = await store.takeQuota({ name: "crm", want: 7, limit: 20, windowMs: 1_000 });
      for (let sent = 0; sent < granted; sent += 1) sentAt.push(clock.now());
      clock.advance(waitMs);
    }
    const most = Math.max(
      ...sentAt.map((fromMs) => sentAt.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1_000).length),
    );
    expect(most).toBeLessThanOrEqual(20);
    expect(sentAt.length).toBeGreaterThan(5 * 17);
  });

  test("a quota of one lets one through in each window", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    expect(await takeOne(store)).toEqual({ granted: 1, waitMs: 0, blockedMs: 0 });
    expect(await takeOne(store)).toEqual({ granted: 0, waitMs: 1_000, blockedMs: 0 });
    clock.advance(1_000);
    expect(await takeOne(store)).toMatchObject({ granted: 1 });
  });

  test("no window has more points than there are, and what is asked for as a whole is granted as a whole", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const take = async (points: number): ReturnType<ConnectionStore["takeQuota"]> =>
      await store.takeQuota({
        name: "crm points",
        want: points,
        atLeast: points,
        burst: 50,
        limit: 100,
        windowMs: 60_000,
      });
    expect(await take(40)).toMatchObject({ granted: 40 });
    const refused = await take(20);
    expect(refused).toMatchObject({ granted: 0, blockedMs: 0 });
    expect(refused.waitMs).toBeGreaterThan(0);
    expect(await take(10)).toMatchObject({ granted: 10 });
    const spent: { atMs: number; points: number }[] = [{ atMs: 0, points: 50 }];
    for (let atMs = 1_000; atMs <= 180_000; atMs += 1_000) {
      clock.advance(1_000);
      const { granted } = await take(7);
      if (granted > 0) spent.push({ atMs, points: granted });
    }
    for (const { atMs } of spent) {
      const inWindow = spent.filter((one) => one.atMs >= atMs && one.atMs < atMs + 60_000);
      expect(inWindow.reduce((sum, { points }) => sum + points, 0)).toBeLessThanOrEqual(100);
    }
    expect(spent.reduce((sum, { points }) => sum + points, 0)).toBeGreaterThan(150);
  });

  test("processes that take quota at the same time get no more than there is", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const stores = [fixture.store, other, fixture.store, other];
    const grants = await Promise.all(
      stores.map((store) => store.takeQuota({ name: "crm", want: 3, limit: 50, windowMs: 60_000 })),
    );
    expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(5);
  });
}

function takeOne(store: ConnectionStore): ReturnType<ConnectionStore["takeQuota"]> {
  return store.takeQuota({ name: "crm", want: 1, limit: 1, windowMs: 1_000 });
}
