import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import type { Pagination } from "./pagination.ts";
import { createPaginator, type PageFacts, type PageRequest, type PaginatorOptions } from "./paginator.ts";
import { parseExactJson } from "./value-path.ts";

interface Page extends Partial<Omit<PageFacts, "envelope">> {
  readonly body?: string;
}

let prints = 0;

function facts({ body, ...page }: Page): PageFacts {
  const head = { status: 200, headers: {} };
  const url = new URL("https://api.test/items?page=1");
  const envelope = body === undefined ? {} : parseExactJson(body);
  return { head, url, rows: 2, fingerprint: String((prints += 1)), envelope, ...page };
}

/** The requests that follow from the pages; `end` where they end. */
function walk(pagination: Pagination, pages: readonly Page[], options?: PaginatorOptions): (PageRequest | "end")[] {
  const paginator = createPaginator(pagination, options);
  const requests: (PageRequest | "end")[] = [paginator.first()];
  for (const page of pages) requests.push(paginator.next(facts(page)) ?? "end");
  return requests;
}

function variables(requests: readonly (PageRequest | "end")[], name: string): unknown[] {
  return requests.map((request) => (request === "end" ? "end" : request.variables[name]));
}

test("an offset counts the rows that came, also where the service gives fewer than it is asked for", () => {
  const pages = [{ rows: 100 }, { rows: 60 }, { rows: 0 }];
  expect(variables(walk({ kind: "offset", size: 100 }, pages), "offset")).toEqual([0, 100, 160, "end"]);
  const short = walk({ kind: "offset", size: 100, stop: { shortPage: true } }, pages.slice(0, 2));
  expect(variables(short, "offset")).toEqual([0, 100, "end"]);
});

test("pages count from 1 or where it is said, and end at the one without rows", () => {
  expect(variables(walk({ kind: "page" }, [{}, {}, { rows: 0 }]), "number")).toEqual([1, 2, 3, "end"]);
  expect(variables(walk({ kind: "page", start: 0 }, [{}]), "number")).toEqual([0, 1]);
});

test("a cursor comes byte for byte from the body; nothing, null and the empty text end the pages", () => {
  const pages = (...cursors: string[]): Page[] => cursors.map((cursor) => ({ body: `{"meta":{"next":${cursor}}}` }));
  const cursor = { kind: "cursor", path: "meta.next" } as const;
  expect(variables(walk(cursor, pages('"a+/="', "12345678901234567890", "1.10", "0", "null")), "cursor")).toEqual([
    undefined,
    "a+/=",
    12_345_678_901_234_567_890n,
    "1.10",
    0,
    "end",
  ]);
  expect(variables(walk(cursor, [{ body: "{}" }]), "cursor")).toEqual([undefined, "end"]);
  expect(variables(walk({ ...cursor, start: "*" }, pages('""')), "cursor")).toEqual(["*", "end"]);
});

test("a page without rows does not end cursors of the body, since services filter", () => {
  const pages = [{ rows: 0, body: '{"next":"a"}' }, { body: "{}" }];
  expect(variables(walk({ kind: "cursor", path: "next" }, pages), "cursor")).toEqual([undefined, "a", "end"]);
});

test("a cursor comes from a header, and a text may stand for its end", () => {
  const page = (value: string): Page => ({ head: { status: 200, headers: { "sforce-locator": value } } });
  const requests = walk({ kind: "cursor", header: "Sforce-Locator", end: "null" }, [page("MTAw"), page("null")]);
  expect(variables(requests, "cursor")).toEqual([undefined, "MTAw", "end"]);
});

test("a cursor comes from the last row or the greatest so far, and ends at a page without rows", () => {
  const last = walk({ kind: "cursor", lastRow: "id" }, [{ lastRow: { id: 7 } }, { rows: 0 }]);
  expect(variables(last, "cursor")).toEqual([undefined, 7, "end"]);
  const most = walk({ kind: "cursor", maxRow: "at" }, [{ maximum: "2026-01-02" }, { rows: 0 }]);
  expect(variables(most, "cursor")).toEqual([undefined, "2026-01-02", "end"]);
  expectThrown(() => walk({ kind: "cursor", lastRow: "id" }, [{ lastRow: {} }]), "PAGINATION_BROKEN");
});

test("a greatest value that does not grow is a circle", () => {
  const pages = [{ maximum: 9 }, { maximum: 8 }];
  expectThrown(() => walk({ kind: "cursor", maxRow: "at" }, pages), "PAGINATION_BROKEN");
});

test("a link header leads on, relative or not, also with a comma in the address", () => {
  const page = (link: string | string[]): Page => ({ head: { status: 200, headers: { link } } });
  const urls = walk({ kind: "link" }, [
    page('<https://api.test/items?ids=1,2&p=2>; title="a, b"; rel="last next", <https://api.test/x>; rel=first'),
    page(["</items?p=1>; rel=prev", "</items?p=3>; rel=NEXT"]),
    page("<https://api.test/x>; rel=first"),
  ]).map((request) => (request === "end" ? "end" : request.url));
  expect(urls).toEqual([undefined, "https://api.test/items?ids=1,2&p=2", "https://api.test/items?p=3", "end"]);
});

test("an address of the next page stays in the origin unless another one is listed", () => {
  const pages = [{ body: '{"next":"https://eu.api.test/items?p=2"}' }];
  const nextUrl = { kind: "nextUrl", path: "next" } as const;
  expectThrown(() => walk(nextUrl, pages), "PAGINATION_BROKEN");
  expectThrown(() => walk(nextUrl, [{ body: '{"next":"http://api.test/items?p=2"}' }]), "PAGINATION_BROKEN");
  expect(walk(nextUrl, pages, { origins: ["https://eu.api.test"] })[1]).toMatchObject({ merge: false });
  expect(walk(nextUrl, [{ body: '{"next":null}' }])[1]).toBe("end");
});

test("a total ends the pages when so many rows have come", () => {
  const page = (total: string, rows = 100): Page => ({ rows, body: `{"total":${total}}` });
  const total = { kind: "total", path: "total", size: 100 } as const;
  expect(variables(walk(total, [page("215"), page('"215"'), page("215", 15)]), "offset")).toEqual([0, 100, 200, "end"]);
  for (const pages of [
    [page("215"), page("214")],
    [page("50")],
    [page("215"), page("215", 0)],
    [page("null")],
    [page('"many"')],
    [page("-1")],
  ]) {
    expectThrown(() => walk(total, pages), "PAGINATION_BROKEN");
  }
});

test("a total holds for every kind of pages that names one", () => {
  const pages = [{ rows: 3, body: '{"n":4,"next":null}' }];
  const failure = expectThrown(
    () => walk({ kind: "cursor", path: "next" }, pages, { total: "n" }),
    "PAGINATION_BROKEN",
  );
  expect(failure.message).toBe("page 1: it says that there are 4 rows, and the pages end after 3");
});

test("a flag says whether there are more pages; one that is missing is an error", () => {
  const pages = [{ body: '{"hasMore":true}' }, { body: '{"hasMore":false}' }];
  expect(variables(walk({ kind: "flag", path: "hasMore" }, pages), "number")).toEqual([1, 2, "end"]);
  expectThrown(() => walk({ kind: "flag", path: "hasMore" }, [{ body: "{}" }]), "PAGINATION_BROKEN");
  expectThrown(() => walk({ kind: "flag", path: "hasMore" }, [{ rows: 0, ...pages[0] }]), "PAGINATION_BROKEN");
});

test("a stop rule looks at a field, and rows older than the watermark end a feed", () => {
  const stop = { when: { path: "end_of_stream", is: true } };
  const pages = [{ body: '{"t":5,"end_of_stream":true}' }];
  expect(walk({ kind: "cursor", path: "t", stop }, pages)[1]).toBe("end");
  const feed = { kind: "page", stop: { olderThan: { field: "at" } } } as const;
  expect(walk(feed, [{ hasOlder: false }, { hasOlder: true }])[2]).toBe("end");
});

test("a cursor that comes again, also after others, and a page that repeats the one before are errors", () => {
  const pages = ["a", "b", "a"].map((cursor) => ({ body: `{"next":"${cursor}"}` }));
  const failure = expectThrown(() => walk({ kind: "cursor", path: "next" }, pages), "PAGINATION_BROKEN");
  expect(failure.message).toBe("page 3: the cursor is one that came before");
  expectThrown(() => walk({ kind: "page" }, [{ fingerprint: "x" }, { fingerprint: "x" }]), "PAGINATION_BROKEN");
  const link = { head: { status: 200, headers: { link: "</items?p=2>; rel=next" } } };
  expectThrown(() => walk({ kind: "link" }, [link, link]), "PAGINATION_BROKEN");
});
