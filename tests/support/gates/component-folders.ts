// The gate of components: each source and each target has a folder with the same files as its siblings, and is named there and
// in one line of a list. So whoever adds one, or takes one away, touches that folder and that line.
import { basename, dirname } from "node:path";
import {
  identifierOf,
  isTest,
  lineOf,
  literalOf,
  relativeImports,
  type SourceFile,
  type SyntaxNode,
  visitNodes,
} from "./architecture.ts";

/** Components that keep one contract. */
interface Family {
  /** Holds a folder for each of them. */
  readonly folder: string;
  /** The list, beside the folders. */
  readonly list: string;
  /** The file in which a component keeps the contract; the list exports it from there. */
  readonly port: string;
  /** Files that each component has besides; it may have more. */
  readonly files: readonly string[];
}

const families: readonly Family[] = [
  {
    folder: "src/data/targets",
    list: "targets.ts",
    port: "format.ts",
    files: ["conformance.test.ts", "options.ts", "relation.ts", "target.ts"],
  },
  { folder: "src/data/sources", list: "sources.ts", port: "source.ts", files: ["options.ts", "relation.ts"] },
  { folder: "src/data/sources", list: "file-formats.ts", port: "format.ts", files: ["relation.ts"] },
];

/** Where the names of components would hurt: everything that works with any of them. */
const genericFolders: readonly string[] = ["src/data/", "src/core/dataset/"];

/** What says `parquet`, `csv` and `json` by itself: libraries below sources and targets, and how map and reduce read records. */
const ownWords: readonly string[] = [
  "src/data/delta/",
  "src/data/jobs/map-reduce-job.ts",
  "src/data/mapreduce/",
  "src/data/mysql/",
  "src/data/postgres/",
];

/** A request may have a body in JSON, whatever its answers are read as. */
const bodies = { folder: "src/data/sources/http", word: "json" } as const;

/** Words that mean more than the component that has them for its name. */
const plainWords: ReadonlySet<string> = new Set(["dataset", "file", "ndjson", "sql", "text", "topic"]);

/** Component folders that lack a file their siblings have, or a line in their list, and lines without a folder. */
export function findUnevenComponents(files: readonly SourceFile[]): string[] {
  return families.flatMap((family) => {
    const folders = listComponents(files, family);
    const list = files.find(({ path }) => path === `${family.folder}/${family.list}`);
    const listed = list === undefined ? [] : listExports(list);
    const paths = new Set(files.map(({ path }) => path));
    const missing = folders.flatMap((folder) =>
      family.files
        .map((file) => `${folder}/${file}`)
        .filter((path) => !paths.has(path) && !paths.has(inServices(path))),
    );
    const expected = folders.map((folder) => `${basename(folder)} from ./${basename(folder)}/${family.port}`);
    const lines = new Set([...expected, ...listed]);
    return [
      ...missing.map((path) => `${path}: its siblings have this file`),
      ...[...lines]
        .filter((line) => !expected.includes(line) || !listed.includes(line))
        .map((line) => {
          const problem = listed.includes(line) ? "no such component" : "the list lacks a line";
          return `${family.folder}/${family.list}: ${problem}: \`${line}\``;
        }),
    ];
  });
}

/** A contract that only other people's software can be held to is run beside it, and not wherever npm installs something. */
function inServices(path: string): string {
  return path.replace("/conformance.test.ts", "/conformance.services.test.ts");
}

/** Files that reach into the folder of a component, or name one, without being of it or the list. */
export function findComponentNames(files: readonly SourceFile[]): string[] {
  const folders = families.flatMap((family) => listComponents(files, family).map((folder) => ({ folder, family })));
  const names = new Set(folders.map(({ folder }) => basename(folder)).filter((name) => !plainWords.has(name)));
  return files
    .filter(({ path }) => path.startsWith("src/") && !isTest(path))
    .flatMap((file) => [...findReaches(file, folders), ...findNames(file, names)]);
}

function findReaches(
  file: SourceFile,
  folders: readonly { readonly folder: string; readonly family: Family }[],
): string[] {
  return relativeImports(file).flatMap(({ target, line }) => {
    const reached = folders.find(({ folder }) => target.startsWith(`${folder}/`));
    if (reached === undefined || file.path.startsWith(`${reached.folder}/`)) return [];
    const list = `${reached.family.folder}/${reached.family.list}`;
    return file.path === list ? [] : [`${file.path}:${line}: only \`${list}\` may import \`${reached.folder}\``];
  });
}

/** A folder that has the name of a component may name it. */
function findNames(file: SourceFile, names: ReadonlySet<string>): string[] {
  if (
    !genericFolders.some((folder) => file.path.startsWith(folder)) ||
    ownWords.some((folder) => file.path.startsWith(folder))
  )
    return [];
  const own = new Set(dirname(file.path).split("/"));
  if (dirname(file.path) === bodies.folder) own.add(bodies.word);
  const violations: string[] = [];
  visitNodes(file, (node) => {
    for (const name of namesIn(node)) {
      if (!names.has(name) || own.has(name)) continue;
      violations.push(`${file.path}:${lineOf(file, node)}: \`${name}\` is named outside of its folder`);
    }
  });
  return violations;
}

/** A quoted text, the key of an object or a type, and a property that is read. */
function namesIn(node: SyntaxNode): readonly string[] {
  const quoted = node.type === "Literal" ? literalOf(node) : undefined;
  const key = keyed.has(node.type) ? identifierOf(node["key"]) : undefined;
  const read =
    node.type === "MemberExpression" && node["computed"] !== true ? identifierOf(node["property"]) : undefined;
  return [quoted, key, read].filter((name) => name !== undefined);
}

const keyed: ReadonlySet<string> = new Set(["Property", "TSPropertySignature", "PropertyDefinition"]);

/** Folders of a family: those that have its port. */
function listComponents(files: readonly SourceFile[], { folder, port }: Family): string[] {
  return files
    .filter(({ path }) => basename(path) === port && dirname(dirname(path)) === folder)
    .map(({ path }) => dirname(path));
}

/** `export { a } from "./a/source.ts"` → `a from ./a/source.ts`. */
function listExports(list: SourceFile): string[] {
  const found: string[] = [];
  visitNodes(list, (node) => {
    if (node.type !== "ExportNamedDeclaration") return;
    const from = literalOf(node["source"]) ?? "";
    for (const { exported } of node["specifiers"] as readonly { readonly exported: unknown }[]) {
      found.push(`${identifierOf(exported)} from ${from}`);
    }
  });
  return found;
}
