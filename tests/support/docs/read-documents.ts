// The documents of the repository: those at its root, and all below the folders that hold some.
import { readdir, readFile } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import type { Document } from "../gates/doc-links.ts";

/** In no order. */
export async function readDocuments(repositoryRoot: string): Promise<Document[]> {
  const atRoot = (await readdir(repositoryRoot)).filter((name) => name.endsWith(".md"));
  const folders = ["docs", "findings", "examples", "bench"];
  const below = await Promise.all(folders.map((folder) => listDocuments(repositoryRoot, folder)));
  const paths = [...atRoot, ...below.flat()];
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(repositoryRoot, path), "utf8") })));
}

async function listDocuments(repositoryRoot: string, folder: string): Promise<string[]> {
  const names = await readdir(join(repositoryRoot, folder), { recursive: true });
  return names
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => posix.join(folder, name.replaceAll(sep, "/")));
}
