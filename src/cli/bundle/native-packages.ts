// Packages with parts that are no JavaScript, or whose own packages have some: a file of text cannot hold them, so they stay outside
// of a bundle and have to be installed beside it.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Remembers what it has found. */
export class NativePackages {
  readonly #found = new Map<string, boolean>();

  /** Whether the package, or one that it is installed with, has native parts. */
  isNative(folder: string): boolean {
    const known = this.#found.get(folder);
    if (known !== undefined) return known;
    // A package that comes back to itself adds nothing.
    this.#found.set(folder, false);
    const isNative = hasNativeFile(folder) || listDependencies(folder).some((other) => this.isNative(other));
    this.#found.set(folder, isNative);
    return isNative;
  }
}

/** The package that a file was installed with; `undefined` for one that is not below `node_modules`. */
export function findPackage(file: string): InstalledPackage | undefined {
  const [, folder] = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)(?:[\\/]|$)/.exec(file) ?? [];
  if (folder === undefined || !existsSync(join(folder, "package.json"))) return undefined;
  const { name = "", version = "" } = readPackage(folder);
  return { name, version, folder };
}

function listDependencies(folder: string): readonly string[] {
  const { dependencies = {}, optionalDependencies = {} } = readPackage(folder);
  const names = Object.keys({ ...dependencies, ...optionalDependencies });
  return names.flatMap((name) => findInstalled(name, folder) ?? []);
}

/** As Node looks for it. What is optional may not be there. */
function findInstalled(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return realpathSync(found);
    if (dirname(folder) === folder) return undefined;
  }
}

const nativeFile = /(?:\.node|\.wasm|(?:^|[\\/])binding\.gyp)$/;

function hasNativeFile(folder: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.some((entry) => {
    if (entry.isDirectory()) return entry.name !== "node_modules" && hasNativeFile(join(folder, entry.name));
    return nativeFile.test(entry.name);
  });
}

function readPackage(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageJson;
}
