import { expect, test } from "vitest";
import type { Page } from "../../api/page.ts";
import { type PageCall, readPages } from "./read-pages.ts";

// A list of so many numbers, whose cursor is the number of the first item of the next page.
function listOf(count: number, calls: PageCall[] = []) {
  return async (call: PageCall): Promise<Page<number>> => {
    calls.push(call);
    const from = Number(call.cursor ?? 0);
    const items = Array.from({ length: Math.min(call.limit, count - from) }, (_, index) => from + index);
    const end = from + items.length;
    return { items, next_cursor: end < count ? String(end) : null };
  };
}

test("without a limit all pages are read", async () => {
  const { items, next_cursor: next } = await readPages(listOf(1_201));
  expect([items.length, items.at(-1), next]).toEqual([1_201, 1_200, null]);
});

test("a limit beyond a page takes several, and tells where to go on", async () => {
  const calls: PageCall[] = [];
  const { items, next_cursor: next } = await readPages(listOf(2_000, calls), { limit: 700, cursor: "100" });
  expect([items.length, items[0], next]).toEqual([700, 100, "800"]);
  expect(calls).toEqual([
    { limit: 500, cursor: "100" },
    { limit: 200, cursor: "600" },
  ]);
});
