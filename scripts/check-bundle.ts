// The sizes that a browser has to load, from the manifest of the build: what every page needs first, and what each screen adds.
// Fails above the budgets, and when it read nothing.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** A file of the build, as Vite's manifest has it. */
export interface ManifestChunk {
  readonly file: string;
  readonly src?: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  /** Keys of what it needs before it can run. */
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

export type Manifest = Readonly<Record<string, ManifestChunk>>;

export interface BundleSize {
  /** Source of the entry or the screen. */
  readonly name: string;
  readonly gzippedBytes: number;
  readonly budgetBytes: number;
}

/** Limit for the JavaScript of a page, with gzip. */
export const budgets = { initialBytes: 130_000, routeBytes: 60_000 } as const;

/** Prints a table. @throws Error when a budget is exceeded or there is nothing to measure */
export async function checkBundle(folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(folder, ".vite", "manifest.json"), "utf8")) as Manifest;
  const files = new Set(Object.values(manifest).map(({ file }) => file));
  const gzipped = new Map<string, number>();
  for (const file of files) gzipped.set(file, gzipSync(await readFile(join(folder, file)), { level: 9 }).length);
  const sizes = measureBundle(manifest, gzipped);
  for (const { name, gzippedBytes, budgetBytes } of sizes) {
    console.log(`${(gzippedBytes / 1_000).toFixed(1).padStart(7)} of ${budgetBytes / 1_000} kB gz  ${name}`);
  }
  const violations = findBudgetViolations(sizes);
  if (violations.length > 0) throw new Error(violations.join("\n"));
}

/** JavaScript of the entry with all it imports, then of each screen what the entry has not loaded already; largest first. */
export function measureBundle(manifest: Manifest, gzipped: ReadonlyMap<string, number>): readonly BundleSize[] {
  const entries = Object.entries(manifest).filter(([, { isEntry }]) => isEntry === true);
  const initial = new Set(entries.flatMap(([key]) => [...scriptsOf(key, manifest)]));
  const bytesOf = (files: Iterable<string>): number =>
    [...files].reduce((total, file) => total + (gzipped.get(file) ?? 0), 0);
  const lazy = Object.entries(manifest)
    .filter(([, { isDynamicEntry }]) => isDynamicEntry === true)
    .map(([key, chunk]) => ({
      name: chunk.src ?? key,
      gzippedBytes: bytesOf([...scriptsOf(key, manifest)].filter((file) => !initial.has(file))),
      budgetBytes: budgets.routeBytes,
    }))
    .toSorted((a, b) => b.gzippedBytes - a.gzippedBytes);
  const first = { name: "what every page loads", gzippedBytes: bytesOf(initial), budgetBytes: budgets.initialBytes };
  return entries.length === 0 ? lazy : [first, ...lazy];
}

/** What exceeds its budget, and a build in which there was no entry or no screen. */
export function findBudgetViolations(sizes: readonly BundleSize[]): readonly string[] {
  const measured = sizes.filter(({ gzippedBytes }) => gzippedBytes > 0);
  if (measured.length < 2) return [`expected an entry and its screens, got: \`${measured.length}\` files`];
  return sizes
    .filter(({ gzippedBytes, budgetBytes }) => gzippedBytes > budgetBytes)
    .map(({ name, gzippedBytes, budgetBytes }) => `${name}: at most ${budgetBytes} bytes gz, got: \`${gzippedBytes}\``);
}

function scriptsOf(key: string, manifest: Manifest, seen: Set<string> = new Set()): ReadonlySet<string> {
  const files = new Set<string>();
  if (seen.has(key)) return files;
  seen.add(key);
  const chunk = manifest[key];
  if (chunk === undefined) return files;
  if (chunk.file.endsWith(".js")) files.add(chunk.file);
  for (const imported of chunk.imports ?? []) for (const file of scriptsOf(imported, manifest, seen)) files.add(file);
  return files;
}
