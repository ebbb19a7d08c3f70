// Python environments with packages of PyPI, below `.cache/services`; each is made once and used again.
// A machine that cannot give one makes the suite fail and say what is missing, never pass.
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An installer that takes a tenth of the time of pip. */
const installer = "uv==0.13.9";

/**
 * The path of a Python that has the packages.
 * @param packages pinned, `name==version`, so that a failure is ours and not a new release's
 * @throws Error saying what could not be got
 */
export async function ensurePython(packages: readonly string[]): Promise<string> {
  const root = fileURLToPath(new URL("../../.cache/services/", import.meta.url));
  const folder = join(root, packages.join("-").replaceAll("==", "-"));
  if (!(await exists(folder))) await makeEnvironment(root, folder, packages);
  return pythonIn(folder);
}

// It gets its name when it is whole, so half of one is never used, and of two that are made at once one stays.
async function makeEnvironment(root: string, folder: string, packages: readonly string[]): Promise<void> {
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, "draft-"));
  try {
    await attempt("a Python 3.10 or newer with the module `venv`", "python3", ["-m", "venv", draft]);
    const python = pythonIn(draft);
    await attempt(`${installer} from PyPI`, python, ["-m", "pip", "install", "--quiet", installer]);
    const install = ["-m", "uv", "pip", "install", "--quiet", "--system-certs", "--python", python, ...packages];
    await attempt(`the packages ${packages.join(" and ")} from PyPI`, python, install);
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function pythonIn(folder: string): string {
  return join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
}

async function attempt(what: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args);
  } catch (cause) {
    throw new Error(`this suite needs ${what}, which could not be got: ${String(cause)}`, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
