// Tells when code of a project changed. One watch a folder, since a recursive one would also take those of packages and tables.
import { type FSWatcher, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";

export interface WatchProjectOptions {
  readonly root: string;
  /** Absolute folders to leave out, such as the lake. Packages and names that begin with `.` are left out anyway. */
  readonly ignore: readonly string[];
  /** The files, relative to `root`, that changed until the project was quiet for a moment. */
  readonly onChange: (files: readonly string[]) => void;
}

/** Editors write a file in several steps. */
const quietMs = 80;
/** So many folders are watched; a project that has more is watched in part. */
const maxWatches = 2_000;
const codeFile = /\.(?:ts|mts|js|mjs|sql|job\.ya?ml|job\.json)$/;

/** Watches until disposed. Folders that are made later are watched, too. */
export async function watchProject(options: WatchProjectOptions): Promise<Disposable> {
  const watching = new ProjectWatch(options);
  await watching.add(options.root, { isNew: false });
  return watching;
}

class ProjectWatch implements Disposable {
  readonly #options: WatchProjectOptions;
  readonly #watches = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: WatchProjectOptions) {
    this.#options = options;
  }

  /** With all folders in it. What is in a new folder was written before anybody could watch it. */
  async add(folder: string, { isNew }: { readonly isNew: boolean }): Promise<void> {
    if (this.#isClosed || this.#watches.has(folder) || this.#watches.size >= maxWatches) return;
    try {
      const watcher = watch(folder, (_event, name) => void this.#notice(folder, name));
      this.#watches.set(
        folder,
        watcher.on("error", () => this.#remove(folder)),
      );
    } catch {
      // It is gone already, or the machine has no watches left.
      return;
    }
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (this.#isIgnored(entry.name, path)) continue;
      if (entry.isDirectory()) await this.add(path, { isNew });
      else if (isNew && codeFile.test(entry.name)) this.#tellSoon(path);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watches.values()) watcher.close();
    this.#watches.clear();
  }

  async #notice(folder: string, name: string | null): Promise<void> {
    if (name === null || this.#isClosed) return;
    const path = join(folder, name);
    if (this.#isIgnored(name, path)) return;
    if (codeFile.test(name)) this.#tellSoon(path);
    // What is no folder has no entries.
    else if (!name.includes(".")) await this.add(path, { isNew: true });
  }

  #tellSoon(path: string): void {
    if (this.#isClosed) return;
    this.#changed.add(relative(this.#options.root, path));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const files = [...this.#changed].toSorted();
      this.#changed.clear();
      this.#options.onChange(files);
    }, quietMs);
  }

  #isIgnored(name: string, path: string): boolean {
    return name === "node_modules" || name.startsWith(".") || this.#options.ignore.includes(path);
  }

  #remove(folder: string): void {
    this.#watches.get(folder)?.close();
    this.#watches.delete(folder);
  }
}
