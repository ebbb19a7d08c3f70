// Makes one file of JavaScript out of a project and this package. The same files give the same bytes, wherever they lie.
import { createHash } from "node:crypto";
import { relative } from "node:path";
import { MillraceError } from "../../core/errors/errors.ts";
import { loadOptional } from "../../core/errors/optional-package.ts";
import { isInPackage, writeBundleEntry } from "./bundle-entry.ts";
import { type BundleNotes, createBundlePlugin, entryId } from "./bundle-plugin.ts";
import type { ProjectFiles } from "./project-files.ts";

export interface BuildBundleOptions {
  readonly files: ProjectFiles;
  /** Name of the project. */
  readonly name: string;
  /** Of this package. */
  readonly version: string;
}

export interface BuiltBundle {
  readonly text: string;
  readonly bytes: number;
  /** Of the text, in hexadecimal. */
  readonly sha256: string;
  /** Packages with native parts that stay outside, `name@version`; what uses them needs them beside the bundle. */
  readonly external: readonly string[];
  /** Packages that are not installed here, and that what uses them would need. */
  readonly missing: readonly string[];
  /** What a person should know, each with its place. */
  readonly warnings: readonly string[];
}

/** What a bundle begins with, so that nothing else is ever overwritten. */
export const bundleMark = "// a bundle of `millrace build`";

/** @throws MillraceError `BUNDLE_FAILED` | `MODULE_OUTSIDE_PROJECT` with file, line and column | `DEPENDENCY_MISSING` */
export async function buildBundle(options: BuildBundleOptions): Promise<BuiltBundle> {
  const { files, version } = options;
  return await bundleModule({ root: files.root, entry: writeBundleEntry(options), version, isWhole: true });
}

export interface BundleModuleOptions {
  /** Of the project. */
  readonly root: string;
  /** The text of the first module. */
  readonly entry: string;
  /** Of this package. */
  readonly version: string;
  /** Whether all modules of this package are kept, also those of which nothing is used or that are loaded on demand. */
  readonly isWhole: boolean;
}

/** Bundles whatever a first module imports. @throws MillraceError as `buildBundle` */
export async function bundleModule({ root, entry, version, isWhole }: BundleModuleOptions): Promise<BuiltBundle> {
  const load = async () => await Promise.all([import("rolldown"), import("rolldown/utils")]);
  const [{ rolldown }, { parseSync }] = await loadOptional("rolldown", "bundles", load);
  const notes: BundleNotes = { external: new Map(), missing: new Set(), warnings: [], failure: undefined };
  const plugin = createBundlePlugin({ root, entry, version, parse: parseSync, isWhole }, notes);
  try {
    await using bundle = await rolldown({
      input: entryId,
      cwd: root,
      platform: "node",
      // Node does not read it either.
      tsconfig: false,
      plugins: [plugin],
      experimental: { attachDebugInfo: "none" },
      onLog: () => undefined,
      ...(isWhole ? {} : { treeshake: { moduleSideEffects: (id: string) => !isInPackage(id) } }),
    });
    const { output } = await bundle.generate({
      format: "esm",
      codeSplitting: false,
      banner: bundleMark,
      // Traces of errors point into readable code; licences stay.
      comments: { jsdoc: false, annotation: false, legal: true },
    });
    return toBuilt(output[0].code, notes);
  } catch (error) {
    throw notes.failure ?? toFailure(error, root);
  }
}

function toBuilt(text: string, { external, missing, warnings }: BundleNotes): BuiltBundle {
  return {
    text,
    bytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
    external: [...external].map(([name, version]) => `${name}@${version}`).toSorted(),
    missing: [...missing].filter((name) => !external.has(name)).toSorted(),
    warnings: warnings.toSorted(),
  };
}

interface BundlerError {
  readonly id?: string;
  readonly loc?: { readonly file?: string; readonly line: number; readonly column: number };
}

function toFailure(error: unknown, root: string): MillraceError {
  const first: unknown = error instanceof Error && "errors" in error ? (error.errors as unknown[])[0] : error;
  const { id, loc } = first as BundlerError;
  const file = loc?.file ?? id;
  const position = loc === undefined ? "" : `:${loc.line}:${loc.column + 1}`;
  const place = file === undefined ? "" : `${relative(root, file)}${position}: `;
  const [line = ""] = (first instanceof Error ? first.message : String(first)).split("\n");
  return new MillraceError("BUNDLE_FAILED", `${place}${line}`, { cause: error });
}
