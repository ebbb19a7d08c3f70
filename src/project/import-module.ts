// Loads a user's module. Node runs `.ts` files as they are; what goes wrong is reported with file, line and column.
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MillraceError } from "../core/errors/errors.ts";
import { bundledProject, loadBundledModule } from "./bundled/bundled-project.ts";
import { locateError } from "./locate-error.ts";

let hooked = false;
let lighter: ((importer: string | undefined) => string | undefined) | undefined;

/** Counts reloads of each project; the modules of a project are new ones after each. */
const generations = new Map<string, number>();

/**
 * From now on every module of the project is read anew when it is imported, for a process that goes on while its files
 * change. The old ones stay in memory: nothing in Node can take them out.
 */
export function forgetModules(root: string): void {
  generations.set(root, (generations.get(root) ?? 0) + 1);
}

/**
 * Makes `import "millrace"` in user files mean this very package, wherever it was started from: a second copy would
 * know nothing of this one's jobs.
 */
export function provideMillrace(): void {
  if (hooked) return;
  hooked = true;
  const url = packageUrl();
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      if (specifier === "millrace") return { url: lighter?.(context.parentURL) ?? url, shortCircuit: true };
      const resolved = nextResolve(specifier, context);
      return generations.size === 0 ? resolved : { ...resolved, url: toFresh(resolved.url) };
    },
  });
}

/** From now on it means another module to the files that `choose` names one for. */
export function provideLighterMillrace(choose: (importer: string | undefined) => string | undefined): void {
  lighter = choose;
}

/** What user files get when they import `millrace`, loaded only where a file of the project needs it. */
export async function importMillrace(): Promise<Readonly<Record<string, unknown>>> {
  return ((await bundledProject()?.millrace()) ?? (await import(packageUrl()))) as Record<string, unknown>;
}

function packageUrl(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`../index.${extension}`, import.meta.url).href;
}

function toFresh(url: string): string {
  if (!url.startsWith("file:") || url.includes("/node_modules/") || url.includes("?")) return url;
  const path = fileURLToPath(url);
  for (const [root, generation] of generations) {
    if (path.startsWith(`${root}/`)) return `${url}?generation=${generation}`;
  }
  return url;
}

/** The module's exports. @param root for messages @throws MillraceError `MODULE_UNREADABLE`, or the MillraceError it threw */
export async function importModule(path: string, root: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const bundled = await loadBundledModule(path, root);
    if (bundled !== undefined) return bundled;
    provideMillrace();
    const url = pathToFileURL(path).href;
    if (path.endsWith(".json")) return (await import(url, { with: { type: "json" } })) as Record<string, unknown>;
    return (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    throw toModuleError(cause, (await locateError(cause, path, root)) ?? relative(root, path));
  }
}

function toModuleError(cause: unknown, place: string): MillraceError {
  if (cause instanceof MillraceError) {
    const { code, disposition, hint, details } = cause;
    return new MillraceError(code, `${place}: ${cause.message}`, {
      disposition,
      cause,
      ...(hint ? { hint } : {}),
      ...(details ? { details } : {}),
    });
  }
  return new MillraceError("MODULE_UNREADABLE", `${place}: ${describe(cause)}`, { cause, ...hintFor(cause) });
}

// Node names the file in front of what is wrong with its JSON; the place says that already.
function describe(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : `the module threw \`${String(cause)}\``;
  const [line = ""] = text.split("\n");
  const short = line.replace(/^\/.*\.json: /, "").replace(/ at position \d+ \(line \d+ column \d+\)$/, "");
  return short === "" ? "cannot be loaded" : short;
}

function hintFor(cause: unknown): { hint?: string } {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return { hint: "Node removes types but compiles nothing: replace enums, namespaces and parameter properties" };
  if (code === "ERR_MODULE_NOT_FOUND")
    return { hint: "relative imports need their extension, `./a.ts`; packages must be installed" };
  return {};
}
