// Finds a module by the name that Python gives it: `dwh.jobs.load_promos` is `dwh/jobs/load-promos.ts`, since no name of Python has a
// dash, and a folder is the `index` in it.
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * Files whose path, from `folder`, is alike, those with exactly that path first.
 * @param extensions of modules, the one that wins first
 */
export async function findAlike(
  folder: string,
  [segment = "", ...others]: readonly string[],
  extensions: readonly string[],
): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  if (others.length === 0) {
    for (const extension of extensions) {
      const names = entries.flatMap(({ name }) => (name.endsWith(extension) ? [name.slice(0, -extension.length)] : []));
      found.push(...pickAlike(names, segment).map((name) => join(folder, `${name}${extension}`)));
    }
  }
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const name of pickAlike(folders, segment)) {
    const rest = others.length === 0 ? ["index"] : others;
    found.push(...(await findAlike(join(folder, name), rest, extensions)));
  }
  return found;
}

/** The name itself where it is there, else all that differ from it in nothing but dashes. */
function pickAlike(names: readonly string[], wanted: string): readonly string[] {
  if (wanted === "") return [];
  if (names.includes(wanted)) return [wanted];
  const alike = names.filter((name) => toPython(name) === toPython(wanted));
  return alike.toSorted();
}

function toPython(name: string): string {
  return name.replaceAll("-", "_");
}
