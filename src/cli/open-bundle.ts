// The life of a bundle: it lends its modules to whatever loads a project, is the entry of its own threads, and is a command when it is
// started as one. Imported, it does nothing but offer what is in it.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { MillraceError } from "../core/errors/errors.ts";
import { suggest } from "../core/errors/suggest.ts";
import { installThreadEntries, type ThreadName } from "../core/thread-entry.ts";
import { type BundledProject, installBundledProject } from "../project/bundled/bundled-project.ts";
import type { Definitions } from "../project/definitions.ts";
import { type CommandContext, createCommandContext } from "./command-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { quietSqlite } from "./quiet-sqlite.ts";
import { reportError } from "./report-error.ts";

/** What the first module of a bundle says of it. */
export interface BundleContents extends BundledProject {
  /** Of the package that made it. */
  readonly version: string;
  readonly threads: Readonly<Record<ThreadName, () => Promise<unknown>>>;
}

export interface Bundle {
  /** Path in the project → loads the module, for whoever wants what one exports. */
  readonly modules: BundledProject["modules"];
  /** The jobs and pipelines by name, checked as `millrace jobs` does. @throws MillraceError */
  loadJobs(): Promise<Pick<Definitions, "jobs" | "pipelines">>;
  /** Runs the code of a thread of Millrace's own in this one. */
  startThread(name: ThreadName): Promise<void>;
  /** `node jobs.mjs list` and `node jobs.mjs exec <job>`, when the bundle is what Node was started with. */
  runIfMain(): Promise<void>;
}

/** @param url of the bundle */
export function openBundle(url: string, contents: BundleContents): Bundle {
  installBundledProject(contents);
  installThreadEntries((name) => {
    const code = `import { startThread } from ${JSON.stringify(url)}; await startThread(${JSON.stringify(name)});`;
    return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  });
  return {
    modules: contents.modules,
    loadJobs: async () => (await createCommandContext(process.cwd()).loadProject()).definitions,
    startThread: async (name) => void (await contents.threads[name]()),
    runIfMain: async () => {
      if (isMain(url)) await runToEnd(contents);
    },
  };
}

function isMain(url: string): boolean {
  const [, script] = process.argv;
  if (!isMainThread || script === undefined) return false;
  try {
    return realpathSync(script) === realpathSync(fileURLToPath(url));
  } catch {
    // What Node was started with is no file.
    return false;
  }
}

async function runToEnd(contents: BundleContents): Promise<void> {
  quietSqlite();
  const exitCode = await runBundle(createCommandContext(process.cwd()), contents, process.argv.slice(2));
  // A handler that did not heed its signal may still hold timers or connections.
  process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
}

const usage = "usage: node <bundle> list [--json] | exec <job> [--name value]... | --version";

async function runBundle(
  context: CommandContext,
  { name, version }: BundleContents,
  [verb, ...args]: readonly string[],
): Promise<ExitCode> {
  const { terminal } = context;
  try {
    if (verb === "exec") return await execJob(context, args);
    if (verb === "list") return await list(context, args.includes("--json"));
    if (verb === "--version") terminal.out(`${name}, millrace ${version}`);
    else if (verb === undefined || verb === "--help") terminal.out(usage);
    else {
      const message = `unknown command \`${verb}\` of a bundle${suggest(verb, ["list", "exec"])}`;
      throw new MillraceError("USAGE_INVALID", message, { hint: usage });
    }
    return exitCodes.ok;
  } catch (error) {
    return reportError(terminal, error, { verbose: false });
  }
}

async function execJob(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const { exec } = await import("./commands/project/exec.ts");
  const [job, ...others] = args;
  return job === undefined || job.startsWith("--")
    ? await exec(context, {}, args)
    : await exec(context, { job }, others);
}

async function list(context: CommandContext, json: boolean): Promise<ExitCode> {
  const { terminal } = context;
  const { definitions } = await context.loadProject();
  const items = definitions.names().map((name) => ({
    name,
    kind: definitions.pipelines.has(name) ? ("pipeline" as const) : ("job" as const),
    module: definitions.fileOf(name) ?? null,
  }));
  if (json) terminal.json({ items });
  else for (const { name, kind, module } of items) terminal.out(`${kind}  ${name}  ${module}`);
  return exitCodes.ok;
}
