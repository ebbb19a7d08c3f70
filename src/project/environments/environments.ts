// Which environments a project has, and what one has for itself. An environment is a file `millrace.config.<name>.<extension>` beside
// the configuration, which says what differs there.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { bundledProject, listBundledFiles } from "../bundled/bundled-project.ts";

/** Endings of configurations, the one that wins first. */
export const configExtensions = ["ts", "mts", "js", "mjs", "json", "yaml", "yml"] as const;

/** Name → the absolute path of its file, in order of name. */
export type Environments = ReadonlyMap<string, string>;

/** The environments of a project. @throws MillraceError `CONFIG_INVALID` for one that two files define */
export function listEnvironments(root: string): Environments {
  const found = new Map<string, string>();
  for (const file of listNames(root)) {
    const name = nameIn(file);
    if (name === undefined) continue;
    const other = found.get(name);
    if (other !== undefined) throw twice(name, other, file);
    found.set(name, join(root, file));
  }
  return found;
}

function listNames(root: string): readonly string[] {
  const bundle = bundledProject();
  return bundle === undefined ? readdirSync(root).toSorted() : listBundledFiles(bundle);
}

/** The file of an environment. @throws MillraceError `CONFIG_INVALID` that lists those that exist */
export function findEnvironment(root: string, name: string): string {
  const environments = listEnvironments(root);
  const file = environments.get(name);
  if (file !== undefined) return file;
  const known = [...environments.keys()];
  throw new MillraceError("CONFIG_INVALID", `unknown environment \`${name}\`${suggest(name, known)}`, {
    hint:
      known.length === 0
        ? `the project has none; \`millrace.config.${isEnvironmentName(name) ? name : "<name>"}.ts\` beside its configuration makes one`
        : `the project has: ${known.join(", ")}; each is a file \`millrace.config.<name>.ts\``,
  });
}

/** What an environment has for itself unless a file says otherwise, so that none works on what another one has made. */
export function defaultsOf(environment: string): Readonly<Record<string, unknown>> {
  return {
    store: `${homeOf(environment)}/store.db`,
    lake: `lake-${environment}`,
    database: { schema: `millrace_${environment.replaceAll("-", "_")}` },
  };
}

/** The folder, relative to the project, of what is kept for no other environment. */
export function homeOf(environment: string | undefined): string {
  return environment === undefined ? ".millrace" : `.millrace/${environment}`;
}

/** Whether an environment is production by its name, where its configuration does not say. */
export function isProductionName(environment: string | undefined): boolean {
  return environment !== undefined && /^(?:prod|production|live)(?:[_-]|$)/.test(environment);
}

function isEnvironmentName(text: string): boolean {
  return /^[a-z][a-z0-9_-]{0,30}$/.test(text);
}

// `millrace.config.d.ts` declares types.
function nameIn(file: string): string | undefined {
  const [, name = "", extension = ""] = /^millrace\.config\.([^.]+)\.([a-z]+)$/.exec(file) ?? [];
  if (!configExtensions.some((known) => known === extension) || name === "d") return undefined;
  return isEnvironmentName(name) ? name : undefined;
}

function twice(name: string, path: string, file: string): MillraceError {
  const files = `\`${path.slice(path.lastIndexOf("/") + 1)}\` and \`${file}\``;
  return new MillraceError("CONFIG_INVALID", `environment \`${name}\` is defined by ${files}`, {
    hint: "keep one of the two",
  });
}
