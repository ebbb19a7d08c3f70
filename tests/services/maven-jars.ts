// Jars of Maven Central, below `.cache/services`; each folder of them is made once and used again.
// A machine that cannot get one makes the suite fail and say what is missing, never pass.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/**
 * Paths of the jars; nothing that they need in turn is fetched with them.
 * @param name of their folder, with what tells versions apart
 * @param artifacts as Maven writes them, `group:name:version`
 * @throws Error saying what could not be got
 */
export async function ensureJars(name: string, artifacts: readonly string[]): Promise<string[]> {
  const root = fileURLToPath(new URL("../../.cache/services/", import.meta.url));
  const folder = join(root, name);
  if (!existsSync(folder)) await fetchJars(root, folder, artifacts);
  return (await readdir(folder)).map((jar) => join(folder, jar));
}

// The folder gets its name when it is whole, so half of one is never used.
async function fetchJars(root: string, folder: string, artifacts: readonly string[]): Promise<void> {
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, "draft-"));
  try {
    for (const artifact of artifacts) {
      await run("mvn", ["--batch-mode", "--quiet", goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${draft}`]);
    }
    await rename(draft, folder);
  } catch (cause) {
    throw new Error(`this suite needs ${artifacts.join(" and ")}, which Maven could not get`, { cause });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
