// Parses the address of the collection screen: what is listed, and whose units are open.
import { readFlag, readText, type RawSearch } from "../search-params.ts";

export interface CollectionSearch {
  readonly q?: string | undefined;
  /** Only what needs a look. */
  readonly trouble?: true | undefined;
  /** The job whose units are shown. */
  readonly open?: string | undefined;
}

export function parseCollectionSearch(raw: RawSearch): CollectionSearch {
  return { q: readText(raw, "q"), trouble: readFlag(raw, "trouble"), open: readText(raw, "open") };
}
