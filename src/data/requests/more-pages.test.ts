import { expect, test } from "vitest";
import type { VariableValue } from "../../core/dataset/variables.ts";
import { findMore } from "./more-pages.ts";

function find(envelope: VariableValue, headers: Readonly<Record<string, string>> = {}): string | undefined {
  return findMore({ envelope, rows: 100, head: { status: 200, headers } });
}

test.each<[VariableValue, string]>([
  [{ has_more: true }, "field `has_more`"],
  [{ items: [], hasMore: true }, "field `hasMore`"],
  [{ next: "https://api.test/items?p=2" }, "field `next`"],
  [{ "@odata.nextLink": "https://api.test/items?p=2" }, "field `@odata.nextLink`"],
  [{ meta: { next_cursor: "abc" } }, "field `meta.next_cursor`"],
  [{ pageInfo: { hasNextPage: true } }, "field `pageInfo.hasNextPage`"],
  [{ total: 250, offset: 0, limit: 100 }, "field `total`"],
])("%j says that there are more", (envelope, expected) => {
  expect(find(envelope)).toBe(expected);
});

test("a link header says that there are more", () => {
  expect(find([], { link: "<https://api.test/items?p=2>; rel=next" })).toBe("a `link` header");
  expect(find([], { link: "<https://api.test/items?p=1>; rel=prev" })).toBeUndefined();
});

test.each<[VariableValue]>([
  [{ has_more: false, next: null, next_cursor: "" }],
  [{ total: 100, offset: 0, limit: 100 }],
  // a total of something else
  [{ total: 250 }],
  [{ order: { next: "x" } }],
  [[]],
  ["text"],
])("%j does not", (envelope) => {
  expect(find(envelope)).toBeUndefined();
});
