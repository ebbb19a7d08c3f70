// The contract of the order in which ready runs start: priority, then fair shares among tenants, then first come first
// served; and that what cannot start costs those that can nothing.
import { expect, test } from "vitest";
import { createBench, type CreateStore } from "../bench.ts";
import { submitMany } from "./limiting.ts";

export function describeSharing(createStore: CreateStore): void {
  test("a smaller priority goes first, also across jobs and tenants", async () => {
    await using bench = await createBench(createStore);
    await bench.submit({ job: "late", priority: 5 });
    await bench.submit({ job: "usual" });
    await bench.submit({ job: "first", priority: -5, tenant: "other" });
    const claimed = await bench.store.claim({ workerId: await bench.worker(), limit: 9 });
    expect(claimed.map(({ job }) => job)).toEqual(["first", "usual", "late"]);
  });

  test("one tenant's runs start first come first served, whatever their jobs", async () => {
    await using bench = await createBench(createStore);
    const jobs = ["a", "b", "a", "c", "b", "a"];
    for (const job of jobs) await bench.submit({ job });
    const workerId = await bench.worker();
    const claimed = [
      ...(await bench.store.claim({ workerId, limit: 2 })),
      ...(await bench.store.claim({ workerId, limit: 9 })),
    ];
    expect(claimed.map(({ job }) => job)).toEqual(jobs);
  });

  test("tenants take turns within a claim, the one that executes less first", async () => {
    await using bench = await createBench(createStore);
    await submitMany(bench, 6, [], { tenant: "big" });
    await submitMany(bench, 3, [], { tenant: "small" });
    const workerId = await bench.worker();
    const tenants = async (limit: number): Promise<string> =>
      (await bench.store.claim({ workerId, limit })).map(({ tenant }) => tenant[0]).join("");
    expect(await tenants(4)).toBe("bsbs");
    expect(await tenants(1)).toBe("b");
    // Three of big and two of small execute now.
    expect(await tenants(1)).toBe("s");
    expect(await tenants(9)).toBe("bbb");
  });

  test("priority comes before fairness", async () => {
    await using bench = await createBench(createStore);
    await submitMany(bench, 3, [], { tenant: "big", priority: -1 });
    await submitMany(bench, 3, [], { tenant: "small" });
    const claimed = await bench.store.claim({ workerId: await bench.worker(), limit: 4 });
    expect(claimed.map(({ tenant }) => tenant)).toEqual(["big", "big", "big", "small"]);
  });

  test("among tenants with equal shares the one after the last served comes first", async () => {
    await using bench = await createBench(createStore);
    for (const tenant of ["a", "b", "c"]) await submitMany(bench, 3, [], { tenant });
    const workerId = await bench.worker();
    let afterTenant: string | undefined;
    const served: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const request = { workerId, limit: 1, ...(afterTenant === undefined ? {} : { afterTenant }) };
      const [run = none()] = await bench.store.claim(request);
      served.push(run.tenant);
      afterTenant = run.tenant;
      await bench.finish(run);
    }
    expect(served.join("")).toBe("abcabc");
  });

  test("with one slot and 1,000 older runs of another tenant nobody starves", async () => {
    await using bench = await createBench(createStore);
    await submitMany(bench, 1_000, [], { tenant: "flood" });
    await bench.submit({ tenant: "drop" });
    const workerId = await bench.worker();
    const request = { workerId, limit: 1 };
    const [first = none()] = await bench.store.claim(request);
    await bench.finish(first);
    const [second = none()] = await bench.store.claim({ ...request, afterTenant: first.tenant });
    expect(new Set([first.tenant, second.tenant])).toEqual(new Set(["flood", "drop"]));
  });

  test("a worker is offered only what it has the code of, past any number of others", async () => {
    await using bench = await createBench(createStore);
    await submitMany(bench, 3_000, [], { job: "unknown", priority: -9 });
    const own = await bench.submit({ job: "known", tenant: "other" });
    const claimed = await bench.store.claim({ workerId: await bench.worker(), limit: 9, jobs: new Set(["known"]) });
    expect(claimed.map(({ runId }) => runId)).toEqual([own]);
  });

  test("a claim of nothing takes nothing", async () => {
    await using bench = await createBench(createStore);
    await bench.submit();
    expect(await bench.store.claim({ workerId: await bench.worker(), limit: 0 })).toEqual([]);
  });
}

function none(): never {
  throw new Error("fewer runs than expected");
}
