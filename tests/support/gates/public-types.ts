// The gate of public types: whoever uses a signature of an entry of the package can name every type in it. Reads emitted
// declarations, since those are what a user's compiler sees.
import { posix } from "node:path";
import { parseSync } from "oxc-parser";

/** Text of a declaration file by its path, such as `core/job/job.d.ts`; `undefined` for one that is not there. */
export type ReadDeclarations = (path: string) => string | undefined;

/**
 * One line for each type that a signature of the entry uses and that cannot be imported from there.
 * @param besides an entry that users of this one import from anyway
 */
export function findUnreachableTypes(entry: string, read: ReadDeclarations, besides?: string): readonly string[] {
  const modules = new Modules(read);
  const own = new Set(modules.exportsOf(entry).values());
  const reachable = new Set([...own, ...(besides === undefined ? [] : modules.exportsOf(besides).values())]);
  const violations = new Set<string>();
  for (const id of own) {
    for (const used of modules.referencesOf(id)) {
      if (!reachable.has(used)) violations.add(`${entry}: \`${id}\` uses \`${used}\`, which the entry does not export`);
    }
  }
  return [...violations].toSorted();
}

/** A declaration: `core/job/job.d.ts#Job`. */
type DeclarationId = string;

interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface ParsedModule {
  readonly path: string;
  /** Declarations by local name; a name may have several, such as overloads. */
  readonly declarations: ReadonlyMap<string, readonly SyntaxNode[]>;
  /** Local name → where it comes from; only of this package. */
  readonly imports: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
  readonly statements: readonly SyntaxNode[];
}

class Modules {
  readonly #read: ReadDeclarations;
  readonly #parsed = new Map<string, ParsedModule>();

  constructor(read: ReadDeclarations) {
    this.#read = read;
  }

  /** Public name → declaration; names of other packages are left out. */
  exportsOf(path: string): ReadonlyMap<string, DeclarationId> {
    const found = new Map<string, DeclarationId>();
    const module = this.#parse(path);
    for (const statement of module.statements) {
      const from = sourceOf(path, statement);
      if (statement.type === "ExportAllDeclaration" && from !== undefined) {
        for (const [name, id] of this.exportsOf(from)) found.set(name, id);
      } else if (statement.type === "ExportNamedDeclaration") {
        for (const { local, exported } of specifiersOf(statement)) {
          const id = from === undefined ? this.#resolve(module, local) : this.exportsOf(from).get(local);
          if (id !== undefined) found.set(exported, id);
        }
        for (const name of declaredNames(statement["declaration"])) found.set(name, `${path}#${name}`);
      }
    }
    return found;
  }

  /**
   * Declarations of this package that a declaration names in its types. An alias that is private to its module is a way of
   * writing, so that what it names counts instead; a private interface is something that people want to name.
   */
  referencesOf(id: DeclarationId, seen: Set<DeclarationId> = new Set([id])): ReadonlySet<DeclarationId> {
    const [path = "", name = ""] = id.split("#");
    const module = this.#parse(path);
    const references = new Set<DeclarationId>();
    for (const declaration of module.declarations.get(name) ?? []) {
      visit(declaration, new Set(), (used) => {
        const target = this.#resolve(module, used);
        if (target === undefined || seen.has(target)) return;
        seen.add(target);
        for (const reached of this.#isPrivateAlias(target) ? this.referencesOf(target, seen) : [target])
          references.add(reached);
      });
    }
    return references;
  }

  #isPrivateAlias(id: DeclarationId): boolean {
    const [path = "", name = ""] = id.split("#");
    const declarations = this.#parse(path).declarations.get(name) ?? [];
    const isAlias = declarations.every(({ type }) => type === "TSTypeAliasDeclaration");
    return isAlias && ![...this.exportsOf(path).values()].includes(id);
  }

  #resolve(module: ParsedModule, name: string): DeclarationId | undefined {
    const imported = module.imports.get(name);
    if (imported !== undefined) return this.exportsOf(imported.path).get(imported.name);
    return module.declarations.has(name) ? `${module.path}#${name}` : undefined;
  }

  #parse(path: string): ParsedModule {
    const known = this.#parsed.get(path);
    if (known !== undefined) return known;
    const text = this.#read(path);
    if (text === undefined) throw new Error(`${path} is not there; run the build first`);
    const statements = parseSync(path, text).program.body as unknown as readonly SyntaxNode[];
    const parsed = { path, statements, ...readNames(path, statements) };
    this.#parsed.set(path, parsed);
    return parsed;
  }
}

function readNames(path: string, statements: readonly SyntaxNode[]): Pick<ParsedModule, "declarations" | "imports"> {
  const declarations = new Map<string, SyntaxNode[]>();
  const imports = new Map<string, { readonly path: string; readonly name: string }>();
  for (const statement of statements) {
    const from = sourceOf(path, statement);
    if (statement.type === "ImportDeclaration" && from !== undefined) {
      for (const { local, exported } of specifiersOf(statement)) imports.set(local, { path: from, name: exported });
      continue;
    }
    const declaration = (statement["declaration"] ?? statement) as SyntaxNode;
    for (const name of declaredNames(declaration)) {
      declarations.set(name, [...(declarations.get(name) ?? []), declaration]);
    }
  }
  return { declarations, imports };
}

function sourceOf(path: string, statement: SyntaxNode): string | undefined {
  const source = (statement["source"] as { readonly value?: string } | null | undefined)?.value;
  if (source?.startsWith(".") !== true) return undefined;
  return posix.join(posix.dirname(path), source).replace(/\.[jt]s$/, ".d.ts");
}

/** For an import, `exported` is the name in the other module. */
function specifiersOf(statement: SyntaxNode): readonly { readonly local: string; readonly exported: string }[] {
  const specifiers = (statement["specifiers"] ?? []) as readonly SyntaxNode[];
  return specifiers.map((specifier) => ({
    local: nameOf(specifier["local"]),
    exported: nameOf(specifier["exported"] ?? specifier["imported"] ?? specifier["local"]),
  }));
}

function declaredNames(declaration: unknown): readonly string[] {
  if (!isNode(declaration)) return [];
  const declarators = declaration["declarations"] as readonly SyntaxNode[] | undefined;
  return (declarators ?? [declaration]).map(({ id }) => nameOf(id)).filter((name) => name !== "");
}

/** Calls `use` with each type that is named below a node, beside type parameters of its own. What `typeof` names is no type. */
function visit(node: unknown, own: ReadonlySet<string>, use: (name: string) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, own, use);
    return;
  }
  if (!isNode(node) || isHidden(node)) return;
  const inside = new Set([...own, ...typeParametersOf(node)]);
  const named = namedBy(node);
  if (named !== undefined && !inside.has(named)) use(named);
  for (const value of Object.values(node)) visit(value, inside, use);
}

// What a class keeps to itself is in no signature.
function isHidden(node: SyntaxNode): boolean {
  return node["accessibility"] === "private" || (node["key"] as SyntaxNode | null)?.type === "PrivateIdentifier";
}

function namedBy(node: SyntaxNode): string | undefined {
  const subject =
    node.type === "TSTypeReference"
      ? node["typeName"]
      : node.type === "TSInterfaceHeritage" || node.type === "TSClassImplements"
        ? node["expression"]
        : node.type === "ClassDeclaration"
          ? node["superClass"]
          : undefined;
  const name = leftmost(subject);
  return name === "" ? undefined : name;
}

function leftmost(node: unknown): string {
  if (!isNode(node)) return "";
  return node.type === "TSQualifiedName" ? leftmost(node["left"]) : nameOf(node);
}

function typeParametersOf(node: SyntaxNode): readonly string[] {
  const parameters = (node["typeParameters"] as { readonly params?: readonly SyntaxNode[] } | null | undefined)?.params;
  const inferred = node.type === "TSConditionalType" ? inferredIn(node["extendsType"]) : [];
  const mapped = node.type === "TSMappedType" ? [nameOf(node["key"])] : [];
  return [...(parameters ?? []).map(({ name }) => nameOf(name)), ...inferred, ...mapped];
}

function inferredIn(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(inferredIn);
  if (!isNode(node)) return [];
  if (node.type === "TSInferType") return [nameOf((node["typeParameter"] as SyntaxNode)["name"])];
  return Object.values(node).flatMap(inferredIn);
}

function nameOf(node: unknown): string {
  if (typeof node === "string") return node;
  return isNode(node) && typeof node["name"] === "string" ? node["name"] : "";
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
