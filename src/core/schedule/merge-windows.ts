// Ranges of time that are done, put together where they meet: what is between two of them was not.
import type { Window } from "./window.ts";

/** Half-open ranges in their order, none of which meets another. */
export function mergeWindows(windows: readonly Window[]): readonly Window[] {
  const merged: Window[] = [];
  for (const window of windows.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = merged.at(-1);
    if (window.from >= window.to) continue;
    if (last === undefined || window.from > last.to) merged.push(window);
    else if (window.to > last.to) merged[merged.length - 1] = { from: last.from, to: window.to };
  }
  return merged;
}
