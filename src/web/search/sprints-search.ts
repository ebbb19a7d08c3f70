// Parses the address of the sprint screen: which sprint of which board, and the number whose issues are listed.
import { type SprintNumber, sprintNumbers } from "../../api/delivery/sprint.ts";
import { readNumber, readOneOf, type RawSearch } from "../search-params.ts";

export interface SprintsSearch {
  readonly board?: number | undefined;
  readonly sprint?: number | undefined;
  readonly of?: SprintNumber | undefined;
}

export function parseSprintsSearch(raw: RawSearch): SprintsSearch {
  return {
    board: readNumber(raw, "board", 0, Number.MAX_SAFE_INTEGER),
    sprint: readNumber(raw, "sprint", 0, Number.MAX_SAFE_INTEGER),
    of: readOneOf(raw, "of", sprintNumbers),
  };
}
