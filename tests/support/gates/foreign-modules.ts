// Finds what a compiled module needs beside its own package, so that an entry for browsers stays free of Node and of
// packages.
import { posix } from "node:path";
import { parseSync } from "oxc-parser";

/** `path: module` for each import of another package or of Node below an entry, dynamic ones too. */
export function findForeignModules(entry: string, read: (path: string) => string): readonly string[] {
  const seen = new Set<string>();
  const foreign: string[] = [];
  const pending = [entry];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const specifier of importsOf(path, read(path))) {
      if (specifier.startsWith(".")) pending.push(posix.join(posix.dirname(path), specifier));
      else foreign.push(`${path}: ${specifier}`);
    }
  }
  return foreign.toSorted();
}

function importsOf(path: string, text: string): readonly string[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(path, text).module;
  return [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...dynamicImports.map(({ moduleRequest }) => text.slice(moduleRequest.start + 1, moduleRequest.end - 1)),
  ];
}
