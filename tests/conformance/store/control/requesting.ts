// The contract of the ledger of requests: a run writes under its fence, and a person decides about what nobody knows.
import { expect, test } from "vitest";
import { expectFailure } from "../../../support/expect-failure.ts";
import type { Fence } from "../../../../src/store/rows/run-records.ts";
import { createStoreFixture, type CreateStore } from "../store-fixture.ts";

const plan = {
  name: "batch 1",
  idempotencyKey: "key 1",
  fingerprint: "print 1",
  method: "POST",
  address: "https://x/rows",
};
const answer = { status: 201, headers: { "x-id": "1" }, body: "H4s" };

export function describeRequesting(createStore: CreateStore): void {
  test("a request is written down once, keeps its key, and takes another fingerprint only before it is sent", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const fence = await claim(fixture);
    expect(await store.findRequest(fence.runId, "batch 1")).toBeUndefined();
    expect(await store.planRequest(fence, plan)).toEqual({ ...plan, state: "planned", sends: 0, answer: undefined });
    const other = { ...plan, idempotencyKey: "key 2", fingerprint: "print 2" };
    const again = await store.planRequest(fence, other);
    expect(again).toMatchObject({ idempotencyKey: "key 1", fingerprint: "print 2" });
    await store.changeRequest(fence, "batch 1", { state: "sent" });
    expect(await store.planRequest(fence, plan)).toMatchObject({ fingerprint: "print 2", state: "sent", sends: 1 });
  });

  test("an answer is there for a later attempt as it was saved", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const fence = await claim(fixture);
    await store.planRequest(fence, plan);
    await store.changeRequest(fence, "batch 1", { state: "sent" });
    await store.changeRequest(fence, "batch 1", { state: "answered", answer });
    expect(await store.planRequest(fence, plan)).toMatchObject({ state: "answered", answer });
    expect(await store.findRequest(fence.runId, "batch 1")).toMatchObject({ state: "answered", answer });
    await store.changeRequest(fence, "batch 1", { state: "answered", answer: { ...answer, body: undefined } });
    expect((await store.planRequest(fence, plan)).answer).toEqual({ ...answer, body: undefined });
  });

  test("the status of an answer that was none stays until the request is sent again, and is no answer", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const fence = await claim(fixture);
    await store.planRequest(fence, plan);
    await store.changeRequest(fence, "batch 1", { state: "sent" });
    await store.changeRequest(fence, "batch 1", { state: "unknown", status: 503 });
    await store.changeRequest(fence, "batch 1", { state: "unknown" });
    expect(await store.listLedger({ limit: 9 })).toMatchObject([{ state: "unknown", status: 503 }]);
    await store.resolveRequest({ runId: fence.runId, name: "batch 1", as: "done", by: "ann" });
    const given = await store.findRequest(fence.runId, "batch 1");
    expect(given).toMatchObject({ state: "answered", answer: undefined });
    await store.changeRequest(fence, "batch 1", { state: "sent" });
    expect(await store.listLedger({ limit: 9 })).toMatchObject([{ state: "sent", status: undefined }]);
  });

  test("a person can give up an answer that is kept, or have its request sent again", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const fence = await claim(fixture);
    const { runId } = fence;
    for (const name of ["batch 1", "batch 2"]) {
      await store.planRequest(fence, { ...plan, name });
      await store.changeRequest(fence, name, { state: "answered", answer });
    }
    expect(await store.resolveRequest({ runId, by: "ann", name: "batch 1", as: "done" })).toBe(true);
    expect(await store.resolveRequest({ runId, by: "ann", name: "batch 1", as: "again" })).toBe(false);
    expect(await store.resolveRequest({ runId, by: "ann", name: "batch 2", as: "again" })).toBe(true);
    expect(await store.findRequest(runId, "batch 1")).toMatchObject({ state: "answered", answer: undefined });
    expect(await store.findRequest(runId, "batch 2")).toMatchObject({ state: "planned", answer: undefined });
  });

  test("a worker without the lease writes nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const fence = await claim(fixture);
    await store.planRequest(fence, plan);
    const unplanned = await expectFailure(store.changeRequest(fence, "batch 9", { state: "sent" }));
    expect(unplanned.code).toBe("INTERNAL");
    const stale = { ...fence, epoch: fence.epoch - 1 };
    const planning = await expectFailure(store.planRequest(stale, { ...plan, name: "batch 2" }));
    const sending = await expectFailure(store.changeRequest(stale, "batch 1", { state: "sent" }));
    expect([planning.code, sending.code]).toEqual(["RUN_LOST", "RUN_LOST"]);
    expect(await store.listLedger({ limit: 9 })).toMatchObject([{ name: "batch 1", state: "planned" }]);
  });

  test("a person decides about an unknown request, and about none that was not sent", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const fence = await claim(fixture);
    for (const name of ["batch 1", "batch 2", "batch 3"]) await store.planRequest(fence, { ...plan, name });
    await store.changeRequest(fence, "batch 1", { state: "unknown" });
    await store.changeRequest(fence, "batch 2", { state: "unknown" });
    const { runId } = fence;
    expect(await store.listLedger({ state: "unknown", limit: 9 })).toMatchObject([
      { name: "batch 1" },
      { name: "batch 2" },
    ]);
    expect(await store.listLedger({ runId, after: { runId, name: "batch 2" }, limit: 9 })).toMatchObject([
      { name: "batch 3" },
    ]);
    const by = { runId, by: "ann" };
    expect(await store.resolveRequest({ ...by, name: "batch 1", as: "done" })).toBe(true);
    expect(await store.resolveRequest({ ...by, name: "batch 2", as: "again" })).toBe(true);
    expect(await store.resolveRequest({ ...by, name: "batch 3", as: "again" })).toBe(false);
    expect(await store.listLedger({ limit: 9 })).toMatchObject([
      { state: "answered", resolvedBy: "ann", status: undefined },
      { state: "planned", resolvedBy: "ann" },
      { state: "planned", resolvedBy: undefined },
    ]);
  });
}

async function claim(fixture: Awaited<ReturnType<typeof createStoreFixture>>): Promise<Fence> {
  await fixture.submit();
  const { runId, epoch } = await fixture.claimOne(await fixture.worker());
  return { runId, epoch };
}
