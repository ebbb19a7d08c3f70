// Parses the address of the catalogue: the text to find, the form, the selected node of the lineage.
import { readOneOf, readText, type RawSearch } from "../search-params.ts";

export interface DatasetsSearch {
  readonly q?: string | undefined;
  /** Left out: the list. */
  readonly view?: "lineage" | undefined;
  /** Id of a node, such as `dataset:flights`. */
  readonly node?: string | undefined;
}

export function parseDatasetsSearch(raw: RawSearch): DatasetsSearch {
  return { q: readText(raw, "q"), view: readOneOf(raw, "view", ["lineage"]), node: readText(raw, "node") };
}
