// A project of a few files in a temporary folder, with the command line in this process.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type CommandLine, createCommandLine } from "./command-line.ts";

export interface SmallProject extends AsyncDisposable, CommandLine {
  readonly path: string;
  write(relative: string, text: string): Promise<void>;
}

const config = `import { defineProject } from "millrace";
export default defineProject({ slots: 1, compute: { threads: 1, memoryLimit: "256MB" } });
`;

/** @param files relative path → text; the configuration is there */
export async function createSmallProject(files: Readonly<Record<string, string>>): Promise<SmallProject> {
  // Inside the repository, where the test runner finds the package by its name.
  const parent = join(import.meta.dirname, "../../../.cache/small");
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, "run-"));
  const write = async (relative: string, text: string): Promise<void> => {
    await mkdir(dirname(join(path, relative)), { recursive: true });
    await writeFile(join(path, relative), text);
  };
  for (const [name, text] of Object.entries({ "millrace.config.ts": config, ...files })) await write(name, text);
  return {
    ...createCommandLine(path),
    path,
    write,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
