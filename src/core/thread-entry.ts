// Where the code of a thread or process of Millrace's own begins: a module beside the others, or, in a bundle of one file, that file.

/** The modules, below `src/`, that are started as threads or processes. A bundle has all of them. */
export const threadNames = [
  "app/isolate",
  "app/map-reduce-thread",
  "data/sources/csv/csv-part-thread",
  "platforms/local/parent-watch-thread",
  "store/postgres/heartbeat-thread",
  "store/sqlite/heartbeat-thread",
] as const;

export type ThreadName = (typeof threadNames)[number];

let bundled: ((name: ThreadName) => URL) | undefined;

/** For a bundle, whose modules have no files of their own. */
export function installThreadEntries(toEntry: (name: ThreadName) => URL): void {
  bundled = toEntry;
}

/** The entry for `new Worker`: of this file's own extension, `.ts` where the source runs as it is; `data:` in a bundle. */
export function threadEntry(name: ThreadName): URL {
  if (bundled !== undefined) return bundled(name);
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`../${name}.${extension}`, import.meta.url);
}
