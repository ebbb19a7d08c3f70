// One table of a service, given in every kind of pages.
import { type Answer, PageServer, type Received } from "../../support/data/page-server.ts";

export type PageKind = "page" | "offset" | "cursor" | "nextUrl" | "link";

export const pageSize = 100;

/** Texts, numbers and nothing as services have them; the last page is not full. */
export const rows: readonly Readonly<Record<string, unknown>>[] = Array.from({ length: 1_234 }, (_, id) => ({
  id,
  name: `name ${id}, “quoted” \\ and\nlined`,
  amount: (id * 37) / 100,
  code: String(id).padStart(5, "0"),
  tags: id % 3 === 0 ? [] : ["a", "b"],
  note: id % 5 === 0 ? null : `note ${id}`,
}));

/** Serves `/<kind>`. */
export async function startPagedService(): Promise<PageServer> {
  const server: PageServer = await PageServer.start((request) => answer(request, (path) => server.url(path)));
  return server;
}

function answer({ path, query }: Received, url: (path: string) => string): Answer {
  const kind = path.slice(1).replace(/\?.*/, "") as PageKind;
  const number = (name: string): number => Number(query.get(name) ?? 0);
  const start = { page: (number("page") - 1) * pageSize, offset: number("offset"), cursor: number("cursor") };
  const first = kind === "page" || kind === "offset" ? start[kind] : start.cursor;
  const items = rows.slice(first, first + pageSize);
  const after = first + pageSize < rows.length ? first + pageSize : undefined;
  const next = after === undefined ? undefined : url(`/${kind}?cursor=${after}`);
  if (kind === "cursor") return { body: { items, next: after === undefined ? null : String(after) } };
  if (kind === "nextUrl") return { body: { items, links: { next: next ?? null } } };
  const link = next === undefined ? {} : { link: `<${url("/link?cursor=0")}>; rel="first", <${next}>; rel="next"` };
  return { body: { items }, ...(kind === "link" ? { headers: link } : {}) };
}
