// The contract of the order in which ready runs start: priority, then fair shares among tenants, then first come first
// served; and that what cannot start costs those that can nothing.
import { expect, test } from "vitest";
import { createStoreFixture, type CreateStore } from "../store-fixture.ts";
import { submitMany } from "./limiting.ts";

export function describeSharing(createStore: CreateStore): void {
  test("a smaller priority goes first, also across jobs and tenants", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit({ job: "late", priority: 5 });
    await fixture.submit({ job: "usual" });
    await fixture.submit({ job: "first", priority: -5, tenant: "other" });
    const claimed = await fixture.store.claim({ workerId: await fixture.worker(), limit: 9 });
    expect(claimed.map(({ job }) => job)).toEqual(["first", "usual", "late"]);
  });

  test("one tenant's runs start first come first served, whatever their jobs", async () => {
    await using fixture = await createStoreFixture(createStore);
    const jobs = ["a", "b", "a", "c", "b", "a"];
    for (const job of jobs) await fixture.submit({ job });
    const workerId = await fixture.worker();
    const claimed = [
      ...(await fixture.store.claim({ workerId, limit: 2 })),
      ...(await fixture.store.claim({ workerId, limit: 9 })),
    ];
    expect(claimed.map(({ job }) => job)).toEqual(jobs);
  });

  test("tenants take turns within a claim, the one that executes less first", async () => {
    await using fixture = await createStoreFixture(createStore);
    await submitMany(fixture, 6, [], { tenant: "big" });
    await submitMany(fixture, 3, [], { tenant: "small" });
    const workerId = await fixture.worker();
    const tenants = async (limit: number): Promise<string> =>
      (await fixture.store.claim({ workerId, limit })).map(({ tenant }) => tenant[0]).join("");
    expect(await tenants(4)).toBe("bsbs");
    expect(await tenants(1)).toBe("b");
    // Three of big and two of small execute now.
    expect(await tenants(1)).toBe("s");
    expect(await tenants(9)).toBe("bbb");
  });

  test("priority comes before fairness", async () => {
    await using fixture = await createStoreFixture(createStore);
    await submitMany(fixture, 3, [], { tenant: "big", priority: -1 });
    await submitMany(fixture, 3, [], { tenant: "small" });
    const claimed = await fixture.store.claim({ workerId: await fixture.worker(), limit: 4 });
    expect(claimed.map(({ tenant }) => tenant)).toEqual(["big", "big", "big", "small"]);
  });

  test("among tenants with equal shares the one after the last served comes first", async () => {
    await using fixture = await createStoreFixture(createStore);
    for (const tenant of ["a", "b", "c"]) await submitMany(fixture, 3, [], { tenant });
    const workerId = await fixture.worker();
    let afterTenant: string | undefined;
    const served: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const request = { workerId, limit: 1, ...(afterTenant === undefined ? {} : { afterTenant }) };
      const [run = none()] = await fixture.store.claim(request);
      served.push(run.tenant);
      afterTenant = run.tenant;
      await fixture.finish(run);
    }
    expect(served.join("")).toBe("abcabc");
  });

  test("with one slot and 1,000 older runs of another tenant nobody starves", async () => {
    await using fixture = await createStoreFixture(createStore);
    await submitMany(fixture, 1_000, [], { tenant: "flood" });
    await fixture.submit({ tenant: "drop" });
    const workerId = await fixture.worker();
    const request = { workerId, limit: 1 };
    const [first = none()] = await fixture.store.claim(request);
    await fixture.finish(first);
    const [second = none()] = await fixture.store.claim({ ...request, afterTenant: first.tenant });
    expect(new Set([first.tenant, second.tenant])).toEqual(new Set(["flood", "drop"]));
  });

  test("a worker is offered only what it has the code of, past any number of others", async () => {
    await using fixture = await createStoreFixture(createStore);
    await submitMany(fixture, 3_000, [], { job: "unknown", priority: -9 });
    const own = await fixture.submit({ job: "known", tenant: "other" });
    const claimed = await fixture.store.claim({ workerId: await fixture.worker(), limit: 9, jobs: new Set(["known"]) });
    expect(claimed.map(({ runId }) => runId)).toEqual([own]);
  });

  test("a claim of nothing takes nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit();
    expect(await fixture.store.claim({ workerId: await fixture.worker(), limit: 0 })).toEqual([]);
  });
}

function none(): never {
  throw new Error("fewer runs than expected");
}
