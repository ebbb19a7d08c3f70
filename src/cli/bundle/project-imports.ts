// What modules of a project may import when they are to go into a bundle: what stands there as text, and lies in the project or in a
// package. Anything else would be missing where the bundle runs.
import { realpathSync } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";
import type { ESTree } from "rolldown/utils";
import { MillraceError } from "../../core/errors/errors.ts";

/** Whether the file is the project's own. */
export function isOfProject(root: string, file: string): boolean {
  return isInside(root, file) && !file.includes(`${sep}node_modules${sep}`);
}

/** `jobs/a.ts:3:5`. @param offset in the text of the file */
export function placeIn(root: string, file: string, text: string, offset: number): string {
  const before = text.slice(0, Math.max(0, offset));
  const line = before.split("\n").length;
  return `${relative(root, file)}:${line}:${before.length - before.lastIndexOf("\n")}`;
}

/** @param path of a file that a module of the project imports by a path @throws MillraceError `MODULE_OUTSIDE_PROJECT` */
export function assertInProject(root: string, path: string, where: string): void {
  if (isInside(root, realpathSync(path))) return;
  throw new MillraceError(
    "MODULE_OUTSIDE_PROJECT",
    `${where}: a bundle has files of the project alone, got: \`${path}\``,
    {
      hint: "move the file into the project, or make it a package and install that",
    },
  );
}

/** What a module says about files that only the run will know. */
export interface UnknownImports {
  /** Offsets of `import(…)` whose target is computed. */
  readonly computed: readonly number[];
  /** Offsets of `import.meta.url` and the like, which in a bundle mean the bundle. */
  readonly places: readonly number[];
}

/** Reads the syntax tree of a module. */
export function findUnknownImports(program: ESTree.Program): UnknownImports {
  const computed: number[] = [];
  const places: number[] = [];
  walk(program, (node) => {
    if (node["type"] === "ImportExpression" && !isText(node["source"])) computed.push(Number(node["start"]));
    if (node["type"] === "MemberExpression" && isPlace(node)) places.push(Number(node["start"]));
  });
  return { computed, places };
}

type Node = Readonly<Record<string, unknown>>;

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const node = value as Node;
  if (typeof node["type"] === "string") visit(node);
  for (const item of Object.values(node)) walk(item, visit);
}

function isText(source: unknown): boolean {
  const { type, value, expressions } = source as Node;
  if (type === "Literal") return typeof value === "string";
  return type === "TemplateLiteral" && Array.isArray(expressions) && expressions.length === 0;
}

const places: readonly unknown[] = ["url", "dirname", "filename", "resolve"];

function isPlace({ object, property }: Node): boolean {
  return (object as Node)["type"] === "MetaProperty" && places.includes((property as Node)["name"]);
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
