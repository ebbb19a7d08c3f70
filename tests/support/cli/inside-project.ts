// A project's folder inside the repository, where the test runner finds the package by its name.
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Makes it with these files, relative path → text. @returns its path; whoever asked removes it */
export async function writeInsideProject(files: Readonly<Record<string, string>>): Promise<string> {
  const parent = join(import.meta.dirname, "../../../.cache/projects");
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, "run-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return path;
}
