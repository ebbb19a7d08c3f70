// The address of the run page as state: which tab, and what its lists are filtered by.
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { RunSearch } from "../search/run-search.ts";

export interface RunSearchControl {
  readonly search: RunSearch;
  /** Changes a part of it. Back leaves the page, not each letter of a search. */
  readonly change: (part: RunSearch) => void;
  /** Replaces all of it, as another tab does: filters of one tab mean nothing to another. */
  readonly replace: (search: RunSearch) => void;
  readonly openRun: (runId: string) => void;
}

export function useRunSearch(): RunSearchControl {
  const search = useSearch({ from: "/runs/$runId" });
  const navigate = useNavigate({ from: "/runs/$runId" });
  const replace = (next: RunSearch): void => void navigate({ search: next, replace: true, resetScroll: false });
  return {
    search,
    replace,
    change: (part) => replace({ ...search, ...part }),
    openRun: (runId) => void navigate({ to: "/runs/$runId", params: { runId }, search: {} }),
  };
}
