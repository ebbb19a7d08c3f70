// `millrace init`: a new project that runs. Overwrites nothing: all its files are written, or none.
import { lstat, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import { createSystemClock } from "../../../platforms/local/system-clock.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { findConfigFile } from "../../../project/find-project.ts";
import { readPackageVersion } from "../../../package-version.ts";
import { listTemplateFiles, pipelineOf, type TemplateName } from "../../templates/project-template.ts";
import type { TemplateFile } from "../../templates/template-file.ts";

export interface InitOptions {
  readonly template: TemplateName;
}

/** @param folder where; made when it is not there @throws MillraceError `USAGE_INVALID` naming the files in the way, or the project around it */
export async function init(context: CommandContext, { template }: InitOptions, folder: string): Promise<ExitCode> {
  const root = resolve(context.cwd, folder);
  const version = readPackageVersion();
  const files = listTemplateFiles({ name: toPackageName(root), version, template, nowMs: createSystemClock().now() });
  await assertFree(root, files);
  assertOutside(root);
  for (const { path, text } of files) await writeNew(join(root, path), text);
  for (const { path } of files) context.terminal.out(join(relative(context.cwd, root), path));
  printNext(context, root, pipelineOf(template));
  return exitCodes.ok;
}

async function assertFree(root: string, files: readonly TemplateFile[]): Promise<void> {
  const taken: string[] = [];
  for (const { path } of files) {
    if (await exists(join(root, path))) taken.push(`\`${path}\``);
  }
  if (taken.length === 0) return;
  throw new MillraceError("USAGE_INVALID", `\`init\` overwrites nothing, but there is already ${taken.join(", ")}`, {
    hint: "name an empty folder, for example `millrace init my-project`",
  });
}

// Commands in the new folder would work, and those above it would be given its files as their own.
function assertOutside(root: string): void {
  const configFile = findConfigFile(root);
  if (configFile === undefined) return;
  throw new MillraceError("USAGE_INVALID", `\`${root}\` lies in the project of \`${configFile}\``, {
    hint: "make the new project beside it, for example `millrace init ../my-project`; a project gets more jobs in `jobs/`",
  });
}

// A link to nowhere is in the way, too.
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw refused(path, error);
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    throw refused(path, error);
  }
}

function refused(path: string, cause: unknown): MillraceError {
  const code = codeOf(cause);
  return new MillraceError("USAGE_INVALID", `cannot write \`${path}\`: ${code ?? String(cause)}`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function printNext({ cwd, terminal }: CommandContext, root: string, pipeline: string): void {
  terminal.note();
  terminal.note("next:");
  const way = relative(cwd, root);
  terminal.note(`  ${way === "" ? "" : `cd ${quote(way)} && `}npm install`);
  terminal.note(`  npx millrace run ${pipeline}`);
  terminal.note("  npx millrace dev");
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

// npm accepts lower case letters, digits and dashes in the name of a package.
function toPackageName(root: string): string {
  const name = basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  // A package that has the name of its own dependency cannot be installed.
  return name === "" || name === "millrace" ? "my-project" : name;
}
