// The TypeScript of documents as files that a compiler can check: blocks that import something are whole modules.
import { posix } from "node:path";
import type { Document } from "../gates/doc-links.ts";

export interface DocModule {
  /** Where the block is: `docs/a.md:12`. */
  readonly from: string;
  /** A folder for each document, and in it the file that the text before the block names, or one named by its line. */
  readonly path: string;
  readonly text: string;
}

/** Blocks without an import are parts of something and are left out. Of several blocks for one file the last counts. */
export function listDocModules(documents: readonly Document[]): DocModule[] {
  return documents.flatMap(({ path, text }) => {
    const folder = path.replaceAll(/[^a-z]+/gi, "-");
    const modules = new Map<string, DocModule>();
    for (const block of text.matchAll(/^```ts\n(.*?)^```/gms)) {
      const body = block[1] ?? "";
      if (!/^import /m.test(body)) continue;
      const before = text.slice(0, block.index);
      const line = before.split("\n").length;
      const file = /`([\w./-]+\.ts)`:\s*$/.exec(before)?.[1] ?? `line-${line}.ts`;
      modules.set(file, { from: `${path}:${line}`, path: posix.join(folder, file), text: body });
    }
    return [...modules.values()];
  });
}

/** Files beside these modules that they import and no document shows, as modules that fit everywhere. */
export function listStandIns(modules: readonly DocModule[]): Pick<DocModule, "path" | "text">[] {
  const known = new Set(modules.map(({ path }) => path));
  const missing = modules.flatMap(({ path, text }) =>
    [...text.matchAll(/^import .* from "(\.{1,2}\/[^"]+)";$/gm)]
      .map((match) => posix.join(posix.dirname(path), match[1] ?? ""))
      .filter((target) => !known.has(target)),
  );
  return [...new Set(missing)].map((path) => ({
    path,
    text: "declare const standIn: never;\nexport default standIn;\n",
  }));
}
