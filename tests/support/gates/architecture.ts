// The rules of the house as functions from source files to violations: direction of imports, no cycles,
// names, depth and size. Pure over what they are given, so that each rule is proved with planted files.
import { readFile, readdir } from "node:fs/promises";
import { dirname, join, posix, relative, sep } from "node:path";
import { parseSync } from "oxc-parser";

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Folders below `src/` and the folders each may import; type imports count. Roots may import everything. */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  core: [],
  api: ["core"],
  store: ["core"],
  connections: ["core"],
  exports: ["core"],
  insight: ["core"],
  project: ["core"],
  compute: ["core", "connections"],
  platforms: ["core", "connections"],
  notifications: ["core", "connections"],
  data: ["core", "compute", "connections"],
  mapreduce: ["core", "compute", "data"],
  stream: ["core", "connections", "data"],
  integrations: ["core", "connections", "data"],
  loads: ["core", "connections", "data"],
  client: ["core", "api"],
  web: ["core", "api", "client"],
  orchestrator: ["core", "store", "insight"],
  server: ["core", "api", "store", "orchestrator", "insight"],
};

/** What wires the folders together, and the faces of the package; no folder imports a root. */
export const roots: readonly string[] = [
  "app",
  "cli",
  "client.ts",
  "config.ts",
  "index.ts",
  "package-version.ts",
  "testing",
  "testing.ts",
];

/** Folders that implement a port: only roots, the adapter itself and tests name them. */
const adapterFolders: readonly string[] = [
  "src/store/sqlite",
  "src/store/postgres",
  "src/compute/duckdb",
  "src/compute/spark",
];

/** Folders whose rooms are layers: a room imports another one only in one direction. Files beside the rooms wire them together. */
const roomedFolders: readonly string[] = [
  "core",
  "connections",
  "store",
  "orchestrator",
  "data",
  "server",
  "cli",
  "web",
];

/** Rooms that must not import another one, although that would make no cycle. */
const closedRooms: readonly { readonly from: string; readonly to: string }[] = [
  { from: "src/orchestrator/attempt", to: "src/orchestrator/worker" },
  { from: "src/server/rest", to: "src/server/http" },
];

/** Modules that belong to one place, so that replacing them touches that place alone. */
const confinedModules: readonly { readonly module: RegExp; readonly folders: readonly string[] }[] = [
  { module: /^@duckdb\//, folders: ["src/compute/duckdb/"] },
  {
    module: /^(?:node:)?sqlite$/,
    folders: ["src/store/sqlite/", "src/data/targets/sqlite/", "src/data/sources/sql/", "src/stream/stores/"],
  },
  { module: /^pg$/, folders: ["src/store/postgres/", "src/connections/postgres/"] },
  { module: /^pg-copy-streams$/, folders: ["src/connections/postgres/"] },
  { module: /^undici$/, folders: ["src/connections/http/"] },
  { module: /^aws4fetch$/, folders: ["src/connections/s3/"] },
  { module: /^ssh2$/, folders: ["src/connections/sftp/"] },
  { module: /^(?:fastify|@fastify\/.*|ws|pino|prom-client|zod-openapi)$/, folders: ["src/server/", "src/cli/"] },
  { module: /^(?:react|react-dom|@tanstack\/.*|uplot)(?:\/.*)?$/, folders: ["src/web/"] },
  { module: /^@platformatic\/kafka$/, folders: ["src/stream/kafka/"] },
  { module: /^@grpc\//, folders: ["src/compute/spark/"] },
  { module: /^commander$/, folders: ["src/cli/"] },
  { module: /^http-cache-semantics$/, folders: ["src/connections/cache/"] },
  { module: /^rolldown(?:\/.*)?$/, folders: ["src/cli/bundle/"] },
  { module: /^croner$/, folders: ["src/core/schedule/schedule-cron.ts"] },
];

const forbiddenNames: ReadonlySet<string> = new Set(["utils", "util", "common", "helpers", "helper", "types", "misc"]);
const maxFolderDepth = 3;
const maxEntries = 20;
const maxLines = { source: 400, test: 500 } as const;
const maxMedianLines = 90;
const maxPercentile95Lines = 220;

/** All TypeScript files below `folders`, sorted by path; a folder that does not exist is skipped. */
export async function readSourceFiles(repositoryRoot: string, folders: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const folder of folders) {
    for (const path of await listTypeScript(join(repositoryRoot, folder))) {
      const relativePath = relative(repositoryRoot, path).split(sep).join("/");
      files.push({ path: relativePath, text: await readFile(path, "utf8") });
    }
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A gate that reads nothing proves nothing. */
export function findEmptyInput(files: readonly SourceFile[]): string[] {
  return files.length === 0 ? ["the gate read 0 files"] : [];
}

/** Imports that go against `allowedImports`, and files that are in no known folder. */
export function findForbiddenDirections(files: readonly SourceFile[]): string[] {
  const violations: string[] = [];
  for (const file of files) {
    const from = folderOf(file.path);
    if (!roots.includes(from) && !(from in allowedImports)) {
      violations.push(`${file.path}: \`src/${from}\` is not a known folder or root`);
      continue;
    }
    for (const { target, line } of relativeImports(file)) {
      const to = folderOf(target);
      if (from === to || roots.includes(from) || allowedImports[from]?.includes(to)) continue;
      if (isTest(file.path) && /^tests\/(?:support|conformance|services)\//.test(target)) continue;
      violations.push(`${file.path}:${line}: \`${from}\` must not import \`${to}\`, got: \`${target}\``);
    }
  }
  return violations;
}

/** Adapters named by anything but a root, themselves or a test: the consumer should name the port. */
export function findAdapterImports(files: readonly SourceFile[]): string[] {
  const violations: string[] = [];
  for (const file of files) {
    if (isTest(file.path) || roots.includes(folderOf(file.path))) continue;
    for (const { target, line } of relativeImports(file)) {
      const adapter = adapterFolders.find((folder) => target.startsWith(`${folder}/`));
      if (adapter === undefined || file.path.startsWith(`${adapter}/`)) continue;
      violations.push(`${file.path}:${line}: only roots may import the adapter \`${adapter}\``);
    }
  }
  return violations;
}

/** Each cycle once, as `a → b → a`. */
export function findImportCycles(files: readonly SourceFile[]): string[] {
  return findCycles(new Map(files.map((file) => [file.path, relativeImports(file).map((edge) => edge.target)])));
}

function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || finished.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/** Modules used outside the folder they are confined to, and `node:` modules in `core`, which runs in a browser. */
export function findMisplacedModules(files: readonly SourceFile[]): string[] {
  const violations: string[] = [];
  for (const file of files) {
    if (isTest(file.path)) continue;
    for (const { specifier, line } of parseImports(file)) {
      const rule = confinedModules.find(({ module }) => module.test(specifier));
      if (rule !== undefined && !rule.folders.some((folder) => file.path.startsWith(folder))) {
        violations.push(`${file.path}:${line}: \`${specifier}\` belongs in ${rule.folders.join(", ")}`);
      }
      if (file.path.startsWith("src/core/") && specifier.startsWith("node:")) {
        violations.push(`${file.path}:${line}: \`core\` does no I/O, got: \`${specifier}\``);
      }
    }
  }
  return violations;
}

/** `process.env` outside `config.ts`, and hidden time or chance in `core` and `orchestrator`. */
export function findAmbientState(files: readonly SourceFile[]): string[] {
  const violations: string[] = [];
  for (const file of files) {
    if (isTest(file.path) || !ambientWords.test(file.text)) continue;
    const mustBePure = file.path.startsWith("src/core/") || file.path.startsWith("src/orchestrator/");
    visitNodes(file, (node) => {
      const name = ambientName(node);
      if (name === undefined || (name === "process.env" ? file.path === "src/config.ts" : !mustBePure)) return;
      const remedy = name === "process.env" ? "only `src/config.ts` reads it" : "take it as a parameter";
      violations.push(`${file.path}:${lineOf(file, node)}: \`${name}\` is not allowed here, ${remedy}`);
    });
  }
  return violations;
}

/** Drawer names (`utils.ts`, `common/`), and folders deeper than three below `src/`. */
export function findBadNames(files: readonly SourceFile[]): string[] {
  const violations: string[] = [];
  for (const { path } of files) {
    const parts = path.replace(/(?:\.test)?\.tsx?$/, "").split("/");
    const bad = parts.find((part) => forbiddenNames.has(part));
    if (bad !== undefined) violations.push(`${path}: \`${bad}\` says nothing, name the file after what it exports`);
    const depth = parts.length - 2;
    if (path.startsWith("src/") && depth > maxFolderDepth) {
      violations.push(`${path}: at most ${maxFolderDepth} folders below \`src/\`, got: \`${depth}\``);
    }
  }
  return violations;
}

/** Folders that hold more files than a reader takes in at once. Tests and subfolders do not count. */
export function findCrowdedFolders(files: readonly SourceFile[]): string[] {
  const entries = Map.groupBy(
    files.filter(({ path }) => !isTest(path)),
    ({ path }) => dirname(path),
  );
  return [...entries]
    .filter(([, inside]) => inside.length > maxEntries)
    .map(([folder, inside]) => `${folder}/: at most ${maxEntries} files, got: \`${inside.length}\``);
}

/** Rooms of a folder that import each other, however far around, and rooms that are closed to each other. */
export function findRoomViolations(files: readonly SourceFile[]): string[] {
  const edges = files.filter(({ path }) => !isTest(path)).flatMap(roomEdges);
  const closed = edges
    .filter(({ from, to }) => closedRooms.some((rule) => rule.from === from && rule.to === to))
    .map(({ file, line, to, from }) => `${file}:${line}: \`${from}\` must not import \`${to}\``);
  const rooms = Map.groupBy(edges, ({ from }) => from);
  const graph = new Map([...rooms].map(([from, out]) => [from, [...new Set(out.map(({ to }) => to))]]));
  return [...closed, ...findCycles(graph)];
}

/** Files that do not open with a comment that says what they are for. */
export function findMissingHeaders(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ text }) => !/^(?:#!.*\n)?\/[/*]/.test(text))
    .map(({ path }) => `${path}: the file must open with a comment that says what it is for`);
}

/** Files over the hard limit, and a repository whose usual file is too long. */
export function findOversizedFiles(files: readonly SourceFile[]): string[] {
  const violations = files.flatMap((file) => {
    const limit = isTest(file.path) || file.path.startsWith("tests/") ? maxLines.test : maxLines.source;
    const lines = countLines(file);
    return lines > limit ? [`${file.path}: at most ${limit} lines, got: \`${lines}\``] : [];
  });
  const sizes = files.filter((file) => file.path.startsWith("src/") && !isTest(file.path)).map(countLines);
  sizes.sort((a, b) => a - b);
  const median = percentile(sizes, 0.5);
  const percentile95 = percentile(sizes, 0.95);
  if (median > maxMedianLines) violations.push(`median file: at most ${maxMedianLines} lines, got: \`${median}\``);
  if (percentile95 > maxPercentile95Lines) {
    violations.push(`95th percentile file: at most ${maxPercentile95Lines} lines, got: \`${percentile95}\``);
  }
  return violations;
}

export interface ParsedImport {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
  /** When Node reads the module: with the file, when the file asks for it, or never, since only types are named. */
  readonly loaded: "at once" | "on demand" | "never";
}

/** Of files that a rule has asked about: most rules ask about all of them. */
const parsedImports = new WeakMap<SourceFile, readonly ParsedImport[]>();

/** Every module a file names: imports, re-exports, dynamic imports and `import("…")` types. */
export function parseImports(file: SourceFile): readonly ParsedImport[] {
  const known = parsedImports.get(file);
  if (known !== undefined) return known;
  const imports: ParsedImport[] = [];
  visitNodes(file, (node) => {
    const source = importKinds.has(node.type) ? literalOf(node["source"] ?? node["argument"]) : undefined;
    if (source === undefined) return;
    imports.push({ specifier: source, line: lineOf(file, node), loaded: loadingOf(node) });
  });
  parsedImports.set(file, imports);
  return imports;
}

function loadingOf(node: SyntaxNode): ParsedImport["loaded"] {
  if (node.type === "ImportExpression") return "on demand";
  const isType = node.type === "TSImportType" || node["importKind"] === "type" || node["exportKind"] === "type";
  return isType ? "never" : "at once";
}

const importKinds: ReadonlySet<string> = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);

/** A node of the syntax tree of a file. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

/** Files that a file imports, as paths in the repository. */
export function relativeImports(file: SourceFile): { readonly target: string; readonly line: number }[] {
  return parseImports(file)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier, line }) => ({ target: posix.join(dirname(file.path), specifier), line }));
}

/** Imports of a file from one room of a folder into another one. */
function roomEdges(file: SourceFile): readonly { file: string; line: number; from: string; to: string }[] {
  const from = roomOf(file.path);
  if (from === undefined) return [];
  return relativeImports(file).flatMap(({ target, line }) => {
    const to = roomOf(target);
    return to === undefined || to === from || dirname(to) !== dirname(from)
      ? []
      : [{ file: file.path, line, from, to }];
  });
}

/** `src/store/claim/claim.ts` → `src/store/claim`; nothing for a file beside the rooms. */
function roomOf(path: string): string | undefined {
  const [source, folder = "", room, file] = path.split("/");
  return source === "src" && file !== undefined && roomedFolders.includes(folder) ? `src/${folder}/${room}` : undefined;
}

/** `src/core/job/job.ts` → `core`, `src/config.ts` → `config.ts`. */
function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}

/** Tells whether a file holds tests; what only code for users must keep does not count there. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

function countLines({ text }: SourceFile): number {
  return text.replace(/\n$/, "").split("\n").length;
}

/** Nearest rank; 0 for nothing. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** A file without any of them need not be parsed. */
const ambientWords = /\b(?:process|Date|Math|performance|setTimeout|setInterval|setImmediate|queueMicrotask)\b/;

function ambientName(node: SyntaxNode): string | undefined {
  if (node.type === "MemberExpression") {
    const name = `${identifierOf(node["object"])}.${identifierOf(node["property"]) ?? literalOf(node["property"])}`;
    return ["process.env", "Date.now", "Math.random", "performance.now"].find((known) => known === name);
  }
  const callee = identifierOf(node["callee"]);
  if (node.type === "NewExpression" && callee === "Date") {
    return (node["arguments"] as readonly unknown[]).length === 0 ? "new Date()" : undefined;
  }
  const timers = ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"];
  return node.type === "CallExpression" ? timers.find((timer) => timer === callee) : undefined;
}

/** Calls `visit` with every node of a file, in no order. */
export function visitNodes(file: SourceFile, visit: (node: SyntaxNode) => void): void {
  const { program, errors } = parseSync(file.path, file.text);
  if (errors.length > 0) throw new Error(`${file.path}: ${errors[0]?.message}`);
  const pending: unknown[] = [program];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    if (isNode(value)) visit(value);
    pending.push(...Object.values(value));
  }
}

function isNode(value: object): value is SyntaxNode {
  return "type" in value && typeof value.type === "string" && "start" in value;
}

/** The name of an identifier. */
export function identifierOf(value: unknown): string | undefined {
  const node = value as { readonly type?: string; readonly name?: string } | undefined;
  return node?.type === "Identifier" ? node.name : undefined;
}

/** The text of a quoted text. */
export function literalOf(value: unknown): string | undefined {
  const node = value as { readonly type?: string; readonly value?: unknown; readonly literal?: unknown } | undefined;
  if (node?.type === "TSLiteralType") return literalOf(node.literal);
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

/** From 1. */
export function lineOf(file: SourceFile, node: SyntaxNode): number {
  return file.text.slice(0, node.start).split("\n").length;
}

async function listTypeScript(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes("fixtures"))
    .filter((entry) => !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name));
}
