// A Python environment with packages of PyPI that read Delta tables, below `.cache/services`; made once and used again.
// A machine that cannot give it makes the suite fail and say what is missing, never pass.
import { execFile } from "node:child_process";
import { access, mkdir, rm, writeFile } from "node:fs/promises";
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
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const complete = join(folder, "complete");
  if (await exists(complete)) return python;
  await rm(folder, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  await attempt("a Python 3.10 or newer with the module `venv`", "python3", ["-m", "venv", folder]);
  await attempt(`the packages ${packages.join(" and ")} from PyPI`, python, [
    "-m",
    "pip",
    "install",
    "--quiet",
    ...packages,
  ]);
  await writeFile(complete, "");
  return python;
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
