// Finds jobs, runs and datasets by a few letters, a handful of each.
import type { SearchResult } from "../../api/control.ts";
import type { Handlers } from "../handler.ts";
import { listDefinedJobs } from "../views/load-job-overviews.ts";
import { toRuns } from "../views/run-page.ts";
import type { ServerServices } from "../server-services.ts";

const maxOfEach = 10;

export function createSearchHandlers(services: ServerServices): Handlers<"search"> {
  const { store } = services;
  return {
    async search({ query: { q } }) {
      const text = q.trim();
      if (text === "") return { jobs: [], runs: [], datasets: [] };
      const [{ runs }, datasets] = await Promise.all([
        store.searchRuns({ text, limit: maxOfEach }),
        store.listDatasets(),
      ]);
      const needle = text.toLowerCase();
      const names = datasets.map(({ dataset }) => dataset);
      return {
        jobs: findJobs(services, needle),
        runs: await toRuns(services, runs),
        datasets: rank(names, needle, (name) => name),
      };
    },
  };
}

function findJobs(services: ServerServices, needle: string): SearchResult["jobs"] {
  const found = listDefinedJobs(services).map(
    ({ definition: { name, kind, description } }): SearchResult["jobs"][number] => ({
      job_name: name,
      kind,
      description: description ?? null,
    }),
  );
  return rank(
    found,
    needle,
    (job) => job.job_name,
    (job) => job.description ?? "",
  );
}

// Names that begin with the text first, then names that have it, then what is said about them.
function rank<Item>(
  items: readonly Item[],
  needle: string,
  nameOf: (item: Item) => string,
  aboutOf: (item: Item) => string = () => "",
): readonly Item[] {
  const placed = items.flatMap((item) => {
    const at = nameOf(item).toLowerCase().indexOf(needle);
    if (at !== -1) return [{ item, place: at === 0 ? 0 : 1 }];
    return aboutOf(item).toLowerCase().includes(needle) ? [{ item, place: 2 }] : [];
  });
  return placed
    .toSorted((a, b) => a.place - b.place)
    .slice(0, maxOfEach)
    .map(({ item }) => item);
}
