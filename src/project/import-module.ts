// Loads a user's module. Node runs `.ts` files as they are; what goes wrong is reported with file, line and column.
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { MillraceError } from "../core/errors.ts";

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
  const name = relative(root, path);
  try {
    const url = pathToFileURL(path).href;
    if (path.endsWith(".json")) return (await import(url, { with: { type: "json" } })) as Record<string, unknown>;
    return (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    const place = findPlace(cause, path) ?? name;
    if (cause instanceof MillraceError) {
      const { disposition, hint, details } = cause;
      throw new MillraceError(cause.code, `${place}: ${cause.message}`, {
        disposition,
        cause,
        ...(hint ? { hint } : {}),
        ...(details ? { details } : {}),
      });
    }
    const message = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new MillraceError("MODULE_UNREADABLE", `${place}: ${message ?? "cannot be loaded"}`, {
      cause,
      ...hintFor(cause),
    });
  }

  function findPlace(error: unknown, file: string): string | undefined {
    if (!(error instanceof Error) || error.stack === undefined) return undefined;
    // `file:///a/b.ts:3:14` in a stack frame, or `/a/b.ts:3` above a syntax error.
    for (const match of error.stack.matchAll(/(?:file:\/\/)?(\/[^\s():]+):(\d+)(?::(\d+))?/g)) {
      const found = decodeURI(match[1] ?? "");
      if (found !== file && !found.startsWith(`${root}/`)) continue;
      if (found.includes("/node_modules/")) continue;
      return `${relative(root, found)}:${match[2]}${match[3] === undefined ? "" : `:${match[3]}`}`;
    }
    return undefined;
  }
}

function hintFor(cause: unknown): { hint?: string } {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return { hint: "Node removes types but compiles nothing: replace enums, namespaces and parameter properties" };
  if (code === "ERR_MODULE_NOT_FOUND")
    return { hint: "relative imports need their extension, `./a.ts`; packages must be installed" };
  return {};
}
