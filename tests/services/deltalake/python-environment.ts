// A Python environment with packages of PyPI that read Delta tables, below `.cache/services`; made once and used again.
// A machine that cannot give it makes the suite fail and say what is missing, never pass.
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Pinned, so that a failure is ours and not a new release's. */
const packages = ["deltalake==1.6.6", "pyarrow==26.0.1", "polars==2.1.0"];

/** The path of the Python that has the packages. @throws Error saying what could not be got */
export async function ensurePython(): Promise<string> {
  const root = fileURLToPath(new URL("../../../.cache/services/", import.meta.url));
  const folder = join(root, packages.join("-").replaceAll("==", "-"));
  if (!(await exists(folder))) await makeEnvironment(root, folder);
  return pythonIn(folder);
}

// It gets its name when it is whole, so half of one is never used, and of two that are made at once one stays.
async function makeEnvironment(root: string, folder: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, "draft-"));
  try {
    await attempt("a Python 3.10 or newer with the module `venv`", "python3", ["-m", "venv", draft]);
    const install = ["-m", "pip", "install", "--quiet", ...packages];
    await attempt(`the packages ${packages.join(" and ")} from PyPI`, pythonIn(draft), install);
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
    throw new Error(`the deltalake tests need ${what}, which could not be got: ${String(cause)}`, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
