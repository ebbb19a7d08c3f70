import { expect, test } from "vitest";
import { BatchWriter } from "./batch-writer.ts";

test("items that arrive during a write share the next one, in order", async () => {
  const batches: number[][] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writer = new BatchWriter<number, number>(async (items) => {
    batches.push([...items]);
    await gates[batches.length - 1]?.promise;
    return items.map((item) => item * 10);
  });
  const first = writer.write(1);
  await Promise.resolve();
  await Promise.resolve();
  const rest = [2, 3, 4].map((item) => writer.write(item));
  gates[0]?.resolve();
  expect(await first).toBe(10);
  gates[1]?.resolve();
  expect(await Promise.all(rest)).toEqual([20, 30, 40]);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test("a failed batch rejects its own items and no others", async () => {
  const writer = new BatchWriter<string, string>((items) => {
    if (items.includes("bad")) return Promise.reject(new Error("refused"));
    return Promise.resolve(items);
  }, 1);
  const results = await Promise.allSettled(["good", "bad", "fine"].map((item) => writer.write(item)));
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("a batch never has more items than its limit", async () => {
  const sizes: number[] = [];
  const writer = new BatchWriter<number, number>((items) => {
    sizes.push(items.length);
    return Promise.resolve(items);
  }, 4);
  await Promise.all(Array.from({ length: 10 }, (_, index) => writer.write(index)));
  expect(sizes).toEqual([4, 4, 2]);
});
