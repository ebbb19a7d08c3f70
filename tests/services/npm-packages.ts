// Folders with packages of npm, below `.cache/services`; each is made once and used again. They are no dependencies of this package:
// some of them are larger than it. A machine that cannot get them makes the suite fail and say what is missing, never pass.
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Packages that were installed. */
export interface NpmPackages {
  /** What a package exports, by whichever kind of module it is. */
  load(name: string): Promise<unknown>;
  /** The path of a file of a package, such as `@octokit/openapi/generated/api.github.com.json`. */
  path(file: string): string;
}

/**
 * Installs packages without their scripts.
 * @param packages pinned, `name@version`, so that a failure is ours and not a new release's
 * @throws Error saying what could not be got
 */
export async function ensureNpm(packages: readonly string[]): Promise<NpmPackages> {
  const root = fileURLToPath(new URL("../../.cache/services/", import.meta.url));
  const folder = join(root, `npm-${packages.join("-").replaceAll(/[^\w.-]/g, "-")}`);
  if (!(await exists(folder))) await install(root, folder, packages);
  const require = createRequire(join(folder, "package.json"));
  return {
    load: async (name) => (await import(pathToFileURL(resolve(require, folder, name)).href)) as unknown,
    path: (file) => join(folder, "node_modules", file),
  };
}

/** A package that is for `import` alone has no entry for `require`. */
function resolve(require: NodeJS.Require, folder: string, name: string): string {
  try {
    return require.resolve(name);
  } catch {
    const { main, exports } = require(join(folder, "node_modules", name, "package.json")) as {
      readonly main?: string;
      readonly exports?: { readonly "."?: { readonly import?: string; readonly default?: string } };
    };
    const entry = exports?.["."];
    return join(folder, "node_modules", name, entry?.import ?? entry?.default ?? main ?? "index.js");
  }
}

// It gets its name when it is whole, so half of one is never used, and of two that are made at once one stays.
async function install(root: string, folder: string, packages: readonly string[]): Promise<void> {
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, "draft-"));
  const options = ["--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", draft];
  try {
    await run("npm", ["install", ...options, ...packages]);
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } catch (cause) {
    const message = `this suite needs the packages ${packages.join(" and ")} from npm, which could not be got: ${String(cause)}`;
    throw new Error(message, { cause });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
