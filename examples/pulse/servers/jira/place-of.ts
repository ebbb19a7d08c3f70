// Where an issue stands in a search that is ordered by its creation. Remembered, since every page of a search sorts all issues.
import type { Issue } from "../../organisation/entities.ts";

const places = new WeakMap<Issue, string>();

/** A text that sorts issues by when they were made, then by their ids. */
export function placeOf(issue: Issue): string {
  const known = places.get(issue);
  if (known !== undefined) return known;
  const place = `${new Date(issue.created_at).toISOString()} ${issue.id.padStart(20, "0")}`;
  places.set(issue, place);
  return place;
}
