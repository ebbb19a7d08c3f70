// Tells the bundler where the modules of a bundle are, which packages stay outside, and what no bundle can have.
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { Plugin, PluginContext } from "rolldown";
import type { parseSync } from "rolldown/utils";
import { MillraceError } from "../../core/errors/errors.ts";
import { isInPackage, packageModule } from "./bundle-entry.ts";
import { findPackage, NativePackages } from "./native-packages.ts";
import { assertInProject, findUnknownImports, isOfProject, placeIn } from "./project-imports.ts";

export interface BundlePluginOptions {
  readonly root: string;
  /** Text of the first module. */
  readonly entry: string;
  readonly version: string;
  readonly parse: typeof parseSync;
  /** Without it, what this package loads on demand is left out. */
  readonly isWhole: boolean;
}

/** What was noticed on the way. */
export interface BundleNotes {
  /** Package that stays outside → its version. */
  readonly external: Map<string, string>;
  /** Packages that are asked for and not installed here. */
  readonly missing: Set<string>;
  readonly warnings: string[];
  /** Why the bundle cannot be made. */
  failure: MillraceError | undefined;
}

/** The id of the module in the place of those that are left out. */
const absentId = "millrace:absent";
const absentCode = 'throw new Error("this part of Millrace is in no bundle");';

/** The id of the first module. */
export const entryId = "millrace:bundle";

/** @param notes is filled while the bundle is made */
export function createBundlePlugin(options: BundlePluginOptions, notes: BundleNotes): Plugin {
  const natives = new NativePackages();
  const versionModule = packageModule("package-version");
  // nothing is bundled in a bundle, which has no files of modules
  const builder = packageModule("cli/bundle/build-executor-code");
  const refuse = (error: MillraceError): never => {
    notes.failure ??= error;
    // The bundler writes into what it is thrown.
    throw new Error(error.message);
  };
  return {
    name: "millrace",
    resolveId: {
      order: "pre",
      async handler(source, importer, { kind }) {
        // Nothing more has to be looked for.
        if (notes.failure !== undefined) throw new Error(notes.failure.message);
        if (source === entryId) return entryId;
        const isOnDemand = kind === "dynamic-import" && importer !== undefined && isInPackage(importer);
        if (isOnDemand && (!options.isWhole || join(dirname(importer), source) === builder)) return absentId;
        const own = ownModule(source);
        if (own !== undefined) return own;
        if (importer === undefined || importer === entryId || source.startsWith("node:")) return undefined;
        try {
          return await resolveImport(this, { source, importer, root: options.root, natives, notes });
        } catch (error) {
          if (error instanceof MillraceError) return refuse(error);
          throw error;
        }
      },
    },
    load(id) {
      if (id === entryId) return { code: options.entry, moduleType: "js" };
      if (id === absentId) return { code: absentCode, moduleType: "js" };
      // There is no package.json beside a bundle.
      const version = JSON.stringify(options.version);
      return id === versionModule
        ? { code: `export const readPackageVersion = () => ${version};`, moduleType: "js" }
        : undefined;
    },
    transform(code, id) {
      if (!isAbsolute(id) || !isOfProject(options.root, id) || !/\.[cm]?[jt]sx?$/.test(id)) return undefined;
      const { computed, places } = findUnknownImports(options.parse(id, code).program);
      const [first] = computed;
      if (first !== undefined) refuse(unknownTarget(placeIn(options.root, id, code, first)));
      for (const offset of places)
        notes.warnings.push(
          `${placeIn(options.root, id, code, offset)}: in a bundle \`import.meta\` tells the place of the bundle, and files beside the module are not there`,
        );
      return undefined;
    },
  };
}

function ownModule(source: string): string | undefined {
  if (source === "millrace") return packageModule("index");
  return source === "millrace/client" ? packageModule("client") : undefined;
}

interface Resolving {
  readonly source: string;
  readonly importer: string;
  readonly root: string;
  readonly natives: NativePackages;
  readonly notes: BundleNotes;
}

type Resolved = Awaited<ReturnType<PluginContext["resolve"]>> | { readonly id: string; readonly external: true };

async function resolveImport(context: PluginContext, resolving: Resolving): Promise<Resolved> {
  const { source, importer, root, natives, notes } = resolving;
  const resolved = await context.resolve(source, importer, { skipSelf: true });
  const isPath = source.startsWith(".") || isAbsolute(source);
  const isOwn = isOfProject(root, importer);
  if (resolved === null) {
    if (isOwn) throw unresolved(placeOfImport(resolving), source);
    // What a package asks for and can do without: it finds out where it runs.
    if (!isPath) notes.missing.add(nameOf(source));
    return { id: source, external: true };
  }
  if (resolved.external !== false) return resolved;
  if (isPath) {
    if (isOwn) assertInProject(root, resolved.id, placeOfImport(resolving));
    return resolved;
  }
  const found = findPackage(resolved.id);
  if (found === undefined || !natives.isNative(found.folder)) return resolved;
  notes.external.set(nameOf(source), found.version);
  return { id: source, external: true };
}

/** Where the module names what it imports. */
function placeOfImport({ root, importer, source }: Resolving): string {
  const text = readFileSync(importer, "utf8");
  const offsets = [`"${source}"`, `'${source}'`, `\`${source}\``].map((quoted) => text.indexOf(quoted));
  return placeIn(root, importer, text, offsets.find((offset) => offset >= 0) ?? 0);
}

function nameOf(source: string): string {
  const [scope = "", name = ""] = source.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

function unknownTarget(place: string): MillraceError {
  return new MillraceError(
    "BUNDLE_FAILED",
    `${place}: the target of \`import()\` is computed, so a bundle cannot have it`,
    {
      hint: 'write it as text, such as `import("./a.ts")`; of several, import each in a function of its own and choose among those',
    },
  );
}

function unresolved(place: string, source: string): MillraceError {
  return new MillraceError("BUNDLE_FAILED", `${place}: cannot find what is imported, got: \`${source}\``, {
    hint: "relative imports need their extension, `./a.ts`; packages must be installed",
  });
}
