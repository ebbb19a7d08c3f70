// `npm run docs`: writes the tables of options into the documents, and the schema of job files, from the specs of the components.
import { readFile, writeFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { jobSchemaFile, printJobSchema } from "../tests/support/gates/job-schema.ts";
import { fillTables, readPages } from "../tests/support/gates/option-tables.ts";

const root = resolve(import.meta.dirname, "..");
for (const { path, text } of await readPages(root)) await write(path, text, fillTables(text));
const schemaFile = resolve(root, jobSchemaFile);
await write(schemaFile, await readFile(schemaFile, "utf8").catch(() => ""), printJobSchema());

async function write(path: string, before: string, text: string): Promise<void> {
  if (text === before) return;
  await writeFile(path, text);
  console.log(`wrote ${relative(root, path)}`);
}
