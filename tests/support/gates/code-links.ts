// Links from documents into the source: what they name is exported there, and the steps of a walk hang together.
import { posix } from "node:path";
import { type ExportNamedDeclaration, parseSync } from "oxc-parser";
import type { Document } from "./doc-links.ts";

/** A link whose text is a name in backticks and whose target is a TypeScript file. */
export interface CodeLink {
  /** `submit`, or `Dispatcher.start` for what a class or an interface has. */
  readonly name: string;
  /** Relative to the repository. */
  readonly path: string;
}

type ReadSource = (path: string) => Promise<string | undefined>;

/** Links to names that their file does not export, or to files that are not there. */
export async function findDeadNames(documents: readonly Document[], read: ReadSource): Promise<string[]> {
  const found: string[] = [];
  for (const document of documents) {
    for (const { name, path } of parseCodeLinks(document)) {
      const text = await read(path);
      if (text === undefined) found.push(`${document.path}: no file \`${path}\``);
      else if (!exportedNames(path, text).has(name)) found.push(`${document.path}: no \`${name}\` in ${path}`);
    }
  }
  return found;
}

/** Steps that no step before them in their numbered list names or is named by: there is a hole in the walk. */
export async function findHoles(document: Document, read: ReadSource): Promise<string[]> {
  const found: string[] = [];
  for (const walk of parseWalks(document)) {
    const before: { name: string; text: string }[] = [];
    for (const { name, path } of walk) {
      const step = { name: lastWord(name), text: (await read(path)) ?? "" };
      const isJoined = before.some((earlier) => names(earlier.text, step.name) || names(step.text, earlier.name));
      if (before.length > 0 && !isJoined) found.push(`${document.path}: nothing leads to \`${name}\` in ${path}`);
      before.push(step);
    }
  }
  return found;
}

/** The steps of each numbered list: the first link of each of its lines. */
export function parseWalks(document: Document): (readonly CodeLink[])[] {
  const blocks = document.text.split(/\n\n/).filter((block) => block.startsWith("1. [`"));
  return blocks.map((block) =>
    block.split("\n").flatMap((line) => parseCodeLinks({ path: document.path, text: line }).slice(0, 1)),
  );
}

/** All of a document. */
export function parseCodeLinks({ path, text }: Document): CodeLink[] {
  return [...text.matchAll(/\[`([\w.]+)`\]\(([^)\s#]+\.tsx?)\)/g)].map(([, name = "", link = ""]) => ({
    name,
    path: posix.join(posix.dirname(path), link),
  }));
}

/** What a file exports, and as `Class.member` what its classes and interfaces have. */
function exportedNames(path: string, text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of parseSync(path, text).program.body) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const name of declaredNames(statement.declaration)) names.add(name);
  }
  return names;
}

function declaredNames(declaration: ExportNamedDeclaration["declaration"]): string[] {
  if (declaration === null) return [];
  switch (declaration.type) {
    case "FunctionDeclaration":
    case "TSTypeAliasDeclaration":
      return declaration.id === null ? [] : [declaration.id.name];
    case "VariableDeclaration":
      return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
      return declaration.id === null ? [] : withMembers(declaration.id.name, declaration.body.body);
    default:
      return [];
  }
}

function withMembers(owner: string, members: readonly object[]): string[] {
  const names = members.flatMap((member) => {
    const key: unknown = "key" in member ? member.key : undefined;
    return key !== null && typeof key === "object" && "name" in key ? [`${owner}.${String(key.name)}`] : [];
  });
  return [owner, ...names];
}

function lastWord(name: string): string {
  return name.split(".").at(-1) ?? name;
}

function names(text: string, name: string): boolean {
  return new RegExp(String.raw`\b${name}\b`).test(text);
}
