// What the address of the catalogue says: the text to find.
import { readText, type RawSearch } from "../search-params.ts";

export interface DatasetsSearch {
  readonly q?: string | undefined;
}

export function parseDatasetsSearch(raw: RawSearch): DatasetsSearch {
  return {
    q: readText(raw, "q"),
  };
}
