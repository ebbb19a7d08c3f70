// `npm run docs`: writes the tables of options into the documents, from the specs of the components.
import { writeFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { fillTables, readPages } from "../tests/support/gates/option-tables.ts";

const root = resolve(import.meta.dirname, "..");
for (const { path, text } of await readPages(root)) {
  const filled = fillTables(text);
  if (filled === text) continue;
  await writeFile(path, filled);
  console.log(`wrote ${relative(root, path)}`);
}
