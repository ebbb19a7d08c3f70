import { expect, test } from "vitest";
import { MapMemory } from "./map-memory.ts";

const most = 30_000_000;

function fill({ table }: MapMemory, keys: number): void {
  for (let n = 0; n < keys; n += 1) {
    const key = Buffer.from(`key ${n}`);
    table.upsert(key, 0, key.length);
  }
}

test("tables stay large as long as they combine values", () => {
  const memory = new MapMemory();
  fill(memory, 10_000);
  memory.emptyFull(15_000);
  expect(memory.limit(most)).toBe(most);
  expect(memory.table.count).toBe(0);
});

test("they become small, and give their room back, where nearly each value has a key of its own", () => {
  const memory = new MapMemory();
  fill(memory, 10_000);
  memory.emptyFull(14_000);
  expect(memory.limit(most)).toBe(2_000_000);
  expect(memory.limit(1_000)).toBe(1_000);
  expect(memory.table.hashes).toHaveLength(2_048);
  fill(memory, 5_000);
  expect(memory.table.count).toBe(5_000);
  const first = Buffer.from("key 0");
  expect(memory.table.upsert(first, 0, first.length)).toBe(0);
});
