// Loads a user's module. Node runs `.ts` files as they are; what goes wrong is reported with file, line and column.
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { MillraceError } from "../core/errors.ts";
import { locateError } from "./locate-error.ts";

let hooked = false;

/**
 * Makes `import "millrace"` in user files mean this very package, wherever it was started from: a second copy would
 * know nothing of this one's jobs.
 */
export function provideMillrace(): void {
  if (hooked) return;
  hooked = true;
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`../index.${extension}`, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === "millrace" ? { url, shortCircuit: true } : nextResolve(specifier, context),
  });
}

/** The module's exports. @param root for messages @throws MillraceError `MODULE_UNREADABLE`, or the MillraceError it threw */
export async function importModule(path: string, root: string): Promise<Readonly<Record<string, unknown>>> {
  provideMillrace();
  try {
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
