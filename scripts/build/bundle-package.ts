// Makes the JavaScript of the package: few files in the place of more than a thousand modules, since a process that starts has to
// find, read and link each. What a command does not need stays in files that it does not load.
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { type Plugin, type PluginContext, rolldown } from "rolldown";
import { parseSync } from "rolldown/utils";
import { findUnknownImports } from "../../src/cli/bundle/project-imports.ts";
import { threadNames } from "../../src/core/thread-entry.ts";

const source = resolve(import.meta.dirname, "..", "..", "src");

/** What is loaded by its name: by users, by threads, and by the bundles that `millrace build` makes. */
const entries: readonly string[] = [
  "index",
  "client",
  "testing",
  "cli/main",
  "cli/open-bundle",
  "package-version",
  ...threadNames,
];

/** What processes load as a whole. Modules that the same of these import, directly or not, are one file: nobody loads more than it needs. */
const rooms: readonly string[] = ["client", "cli/main", "cli/program", "index", "app/app"];

/** Writes the files, below `folder`, as `tsc` would name the entries. Packages stay outside. @throws Error of the bundler */
export async function bundlePackage(folder: string): Promise<void> {
  const graph = new Map<string, readonly string[]>();
  await using bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, moduleOf(entry)])),
    cwd: dirname(source),
    platform: "node",
    external: /^(?![./]|\0|@oxc-project\/runtime)/,
    preserveEntrySignatures: "allow-extension",
    onLog: () => undefined,
    // What `tsconfig.build.json` says: the oldest Node that is supported lacks `using`.
    transform: { target: "es2024" },
    plugins: [{ ...placesPlugin, buildEnd: collectInto(graph) }],
  });
  await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    codeSplitting: { groups: [{ name: roomsOf(graph), includeDependenciesRecursively: false }] },
    comments: { jsdoc: false, annotation: false, legal: true },
  });
}

function moduleOf(path: string): string {
  return join(source, `${path}.ts`);
}

function collectInto(graph: Map<string, readonly string[]>): (this: PluginContext) => void {
  return function collect() {
    for (const id of this.getModuleIds()) graph.set(id, this.getModuleInfo(id)?.importedIds ?? []);
  };
}

/** Names the file of a module, or leaves it to rolldown. @param graph is complete when the first module is asked for */
function roomsOf(graph: ReadonlyMap<string, readonly string[]>): (id: string) => string | null {
  const alone = new Set(entries.map(moduleOf));
  let reached: readonly (readonly [string, ReadonlySet<string>])[] | undefined;
  return (id) => {
    reached ??= rooms.map((room) => [room, reachedFrom(moduleOf(room), graph)]);
    const names = reached.filter(([, modules]) => modules.has(id)).map(([room]) => room.replace(/^.*\//, ""));
    return alone.has(id) || names.length === 0 ? null : names.join("-");
  };
}

function reachedFrom(entry: string, graph: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const left = [entry];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    left.push(...(graph.get(id) ?? []));
  }
  return reached;
}

/** A module finds what lies beside it by its own place, which in a file of many has to be told. */
const placesPlugin: Plugin = {
  name: "places",
  transform: {
    filter: { code: /import\.meta\.(?:url|dirname)\b/ },
    handler(code, id) {
      const place = relative(source, id).split(sep).join("/").replace(/\.ts$/, ".js");
      const offsets = findUnknownImports(parseSync(id, code).program).places;
      return offsets.toReversed().reduce((text, offset) => {
        const rest = text.slice(offset).replace(/^import\.meta\.(\w+)/, `__place_$1("${place}")`);
        return text.slice(0, offset) + rest;
      }, code);
    },
  },
  renderChunk(code, { fileName }) {
    return code.replace(/__place_(\w+)\("([^"]*)"\)/g, (_, kind: string, place: string) => {
      const way = posix.relative(posix.dirname(fileName), place);
      return kind === "url"
        ? `new URL("${way}", import.meta.url).href`
        : `(import.meta.dirname + "/${posix.dirname(way)}")`;
    });
  },
};
