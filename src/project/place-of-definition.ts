// Where a project says what a definition that was loaded says, for errors that are found only when all of them are known.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeclaredFile } from "./declared/is-declared-file.ts";
import { locateDefinition } from "./locate-property.ts";

export interface DefinitionPlace {
  /** The file that defines it, relative to the root; `undefined` for one that no file brought. */
  readonly file: string | undefined;
  readonly name: string;
  /** The options that may say it, the likeliest first. */
  readonly options?: readonly string[];
  /** The text in the option. */
  readonly value?: string;
  /** How many definitions of that name in the file come before it. Default 0. */
  readonly after?: number;
}

/** `jobs/a.ts:3:12`; the file alone when its text does not tell, as where the name is made by code. */
export async function placeOfDefinition(
  root: string,
  { file, name, ...what }: DefinitionPlace,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const source = await readFile(join(root, file), "utf8").catch(() => "");
  const found = isDeclaredFile(file)
    ? (await import("./declared/declared-jobs.ts")).locateDeclared(source, file, name, what)
    : locateDefinition(source, name, what);
  return found === undefined ? file : `${file}:${found.line}:${found.column}`;
}
