// `millrace build`: the project as one file of JavaScript that runs wherever Node does, without an installation.
import { randomUUID } from "node:crypto";
import { open, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import { readPackageVersion } from "../../../package-version.ts";
import { type BuiltBundle, buildBundle, bundleMark } from "../../bundle/build-bundle.ts";
import { listProjectFiles, type ProjectFiles } from "../../bundle/project-files.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatBytes } from "../../print/format-value.ts";

export interface BuildOptions {
  /** Relative to the current folder. */
  readonly out: string;
  readonly json?: true;
}

/** Loads the project first, so that what is wrong with it is said as everywhere. @throws MillraceError */
export async function build(context: CommandContext, options: BuildOptions): Promise<ExitCode> {
  const { terminal } = context;
  const { name, definitions } = await context.loadProject();
  const files = await listProjectFiles(context.cwd);
  const out = resolve(context.cwd, options.out);
  assertNoJobFile(out, files);
  await assertOverwritable(out);
  const bundle = await buildBundle({ files, name, version: readPackageVersion() });
  for (const warning of bundle.warnings) terminal.note(`warning: ${warning}`);
  await write(out, bundle.text);
  const path = relative(context.cwd, out);
  const { bytes, sha256, external, missing } = bundle;
  const jobs = definitions.names();
  if (options.json) terminal.json({ path, bytes, sha256, jobs, external, missing });
  else printText(context, { ...bundle, path, jobs });
  return exitCodes.ok;
}

interface Printed extends BuiltBundle {
  readonly path: string;
  readonly jobs: readonly string[];
}

function printText({ terminal }: CommandContext, { path, bytes, sha256, jobs, external, missing }: Printed): void {
  terminal.out(`${path}  ${formatBytes(bytes)}`);
  terminal.out(`sha-256  ${sha256}`);
  terminal.out(`jobs  ${jobs.length === 0 ? "none" : jobs.join(", ")}`);
  if (external.length > 0) {
    terminal.note();
    terminal.note("not in it, because they are no JavaScript; what uses them needs them installed beside it:");
    terminal.note(`  npm install ${external.join(" ")}`);
  }
  if (missing.length > 0) terminal.note(`not installed here, so not in it: ${missing.join(", ")}`);
}

/** The next build would take it for a job. */
function assertNoJobFile(out: string, { root, entries }: ProjectFiles): void {
  const inside = entries.find((entry) => `${out}/`.startsWith(`${resolve(root, entry)}/`));
  if (inside === undefined) return;
  throw new MillraceError(
    "USAGE_INVALID",
    `expected \`--out\` outside of \`${inside}\`, where job files are, got: \`${relative(root, out)}\``,
  );
}

/** Nothing but a bundle is overwritten. */
async function assertOverwritable(out: string): Promise<void> {
  let first: Buffer;
  try {
    await using file = await open(out);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bundleMark.length), 0, bundleMark.length, 0);
    first = buffer.subarray(0, bytesRead);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw unwritable(out, error);
  }
  if (first.toString() === bundleMark) return;
  throw new MillraceError(
    "USAGE_INVALID",
    `\`build\` overwrites nothing but bundles, and another file is at \`${out}\``,
    {
      hint: "name another place with `--out`",
    },
  );
}

/** Whole, or not at all. */
async function write(out: string, text: string): Promise<void> {
  const draft = join(dirname(out), `.${basename(out)}.${randomUUID()}`);
  try {
    await mkdir(dirname(out), { recursive: true });
    await writeFile(draft, text, { flag: "wx" });
    await rename(draft, out);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw unwritable(out, error);
  }
}

function unwritable(out: string, cause: unknown): MillraceError {
  return new MillraceError("USAGE_INVALID", `cannot write \`${out}\`: ${codeOf(cause) ?? String(cause)}`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
