// Optional packages that the lock file must name although this machine does not install them.

/** The lock files of the repository and of the peers that the benches measure beside it. */
export const lockfilePaths: readonly string[] = ["package-lock.json", "bench/peers/package-lock.json"];

interface LockedPackage {
  version?: string;
  cpu?: string[];
  os?: string[];
  libc?: string[];
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

/** The part of `package-lock.json` (version 3) that is read and completed here. */
export interface Lockfile {
  packages: Record<string, LockedPackage>;
}

interface MissingPackage {
  readonly name: string;
  readonly version: string;
  readonly dev: boolean;
}

/** Optional dependencies of locked packages that have no entry of their own. */
export function findMissingOptionals(lockfile: Lockfile): MissingPackage[] {
  const missing = new Map<string, MissingPackage>();
  for (const [path, locked] of Object.entries(lockfile.packages)) {
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      const isLocked =
        `node_modules/${name}` in lockfile.packages || `${path}/node_modules/${name}` in lockfile.packages;
      if (!isLocked) missing.set(name, { name, version, dev: locked.dev === true });
    }
  }
  return [...missing.values()];
}

/** Adds an entry for each missing optional package, keeps the order of names, and returns what it added. */
export function completeLockfile(lockfile: Lockfile): string[] {
  const missing = findMissingOptionals(lockfile);
  for (const { name, version, dev } of missing) {
    lockfile.packages[`node_modules/${name}`] = {
      version,
      ...platformOf(name),
      ...(dev ? { dev: true } : {}),
      optional: true,
    };
  }
  const sorted = Object.entries(lockfile.packages).toSorted(([a], [b]) => a.localeCompare(b, "en"));
  lockfile.packages = Object.fromEntries(sorted);
  return missing.map(({ name }) => name);
}

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** `…-linux-arm64-musl` → Linux on 64-bit ARM with musl; platform packages all end in their platform. */
function platformOf(name: string): Pick<LockedPackage, "cpu" | "os" | "libc"> {
  const words = name.split(/[-/]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (cpu === undefined) throw new Error(`expected the platform at the end of the name, got: \`${name}\``);
  if (os === undefined) return { cpu: [cpu] };
  if (os !== "linux") return { cpu: [cpu], os: [os] };
  return { cpu: [cpu], libc: [words.some((word) => word.startsWith("musl")) ? "musl" : "glibc"], os: [os] };
}
