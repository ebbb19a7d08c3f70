// What a command, a job file, a process and a thread load before they do anything: each module costs every start of theirs.
// What few need is imported on demand.
import { dirname, posix } from "node:path";
import { parseImports, type SourceFile } from "./architecture.ts";

export interface StartBudget {
  readonly entry: string;
  readonly maxModules: number;
  /** Packages that it may load, beside those of Node. */
  readonly packages: readonly string[];
}

/** Raise a number only for what every start of the entry needs. */
const budgets: readonly StartBudget[] = [
  { entry: "src/cli/program.ts", maxModules: 35, packages: ["commander"] },
  { entry: "src/project/project.ts", maxModules: 90, packages: ["croner", "zod"] },
  { entry: "src/index.ts", maxModules: 700, packages: ["croner", "zod"] },
  { entry: "src/app/isolate.ts", maxModules: 660, packages: ["croner", "zod"] },
  { entry: "src/app/app.ts", maxModules: 740, packages: ["croner", "zod"] },
  { entry: "src/app/map-reduce-thread.ts", maxModules: 50, packages: [] },
  { entry: "src/data/sources/csv/csv-part-thread.ts", maxModules: 30, packages: [] },
  { entry: "src/platforms/local/parent-watch-thread.ts", maxModules: 5, packages: [] },
  { entry: "src/store/postgres/heartbeat-thread.ts", maxModules: 15, packages: ["pg"] },
  { entry: "src/store/sqlite/heartbeat-thread.ts", maxModules: 10, packages: [] },
];

/** Entries that load more modules than they may, or a package that they may not. */
export function findHeavyStarts(
  files: readonly SourceFile[],
  starts: readonly StartBudget[] = budgets,
): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return starts.flatMap(({ entry, maxModules, packages }) => {
    if (!byPath.has(entry)) return [`${entry} is not there`];
    const { ways, foreign } = follow(entry, byPath);
    const tooMany =
      ways.size > maxModules
        ? [
            `${entry}: loads at most ${maxModules} modules, got: \`${ways.size}\`, most of them through ${print(heaviest(ways))}`,
          ]
        : [];
    const others = [...foreign].filter(([name]) => !packages.includes(name));
    return [...tooMany, ...others.map(([name, way]) => `${entry}: loads \`${name}\` through ${print(way)}`)];
  });
}

/** Modules on the way from an entry, which is none of them. */
type Way = readonly string[];

interface Loaded {
  /** Of each module, the shortest way to it, with itself as the last. */
  readonly ways: ReadonlyMap<string, Way>;
  /** Of each package, the way to the module that names it. */
  readonly foreign: ReadonlyMap<string, Way>;
}

function follow(entry: string, files: ReadonlyMap<string, SourceFile>): Loaded {
  const ways = new Map<string, Way>([[entry, []]]);
  const foreign = new Map<string, Way>();
  for (const [path, way] of ways) {
    const file = files.get(path);
    const imports = file === undefined ? [] : parseImports(file).filter(({ loaded }) => loaded === "at once");
    for (const { specifier } of imports) {
      if (specifier.startsWith("node:")) continue;
      if (!specifier.startsWith(".")) {
        if (!foreign.has(specifier)) foreign.set(specifier, way);
        continue;
      }
      const target = posix.join(dirname(path), specifier);
      if (!ways.has(target)) ways.set(target, [...way, target]);
    }
  }
  return { ways, foreign };
}

/** The two steps from the entry that most ways begin with. */
function heaviest(ways: ReadonlyMap<string, Way>): Way {
  const counts = new Map<string, { readonly way: Way; count: number }>();
  for (const way of ways.values()) {
    const begin = way.slice(0, 2);
    const known = counts.get(print(begin)) ?? { way: begin, count: 0 };
    counts.set(print(begin), { ...known, count: known.count + 1 });
  }
  return [...counts.values()].reduce((a, b) => (b.count > a.count ? b : a)).way;
}

function print(way: Way): string {
  return way.length === 0 ? "its own import" : way.join(" → ");
}
