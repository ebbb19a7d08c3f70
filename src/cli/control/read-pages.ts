// Lists of any length, a page at a time.
import type { Page } from "../../api/page.ts";

/** The most that a page of the API has. */
export const longestPage = 500;

export interface PageCall {
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * Asks for page after page until there are `limit` items or no more of them. The last page's `next_cursor` comes along.
 * @param limit default: all
 */
export async function readPages<Item>(
  read: (call: PageCall) => Promise<Page<Item>>,
  { limit = Infinity, cursor }: { readonly limit?: number; readonly cursor?: string | undefined } = {},
): Promise<Page<Item>> {
  const items: Item[] = [];
  let next: string | null | undefined = cursor;
  do {
    const position: { readonly cursor?: string } = next === undefined || next === null ? {} : { cursor: next };
    const page: Page<Item> = await read({ limit: Math.min(longestPage, limit - items.length), ...position });
    items.push(...page.items);
    next = page.next_cursor;
  } while (next !== null && items.length < limit);
  return { items, next_cursor: next };
}
