// Jars of Maven Central, below `.cache/services`; each folder of them is made once and used again.
// A machine that cannot get one makes the suite fail and say what is missing, never pass.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/**
 * Paths of the jars; nothing that they need in turn is fetched with them.
 * @param name of their folder, with what tells versions apart
 * @param artifacts as Maven writes them, `group:name:version`
 * @throws Error saying what could not be got
 */
export async function ensureJars(name: string, artifacts: readonly string[]): Promise<string[]> {
  return await ensure(name, artifacts, async (draft) => {
    for (const artifact of artifacts) {
      await run("mvn", [
        "--batch-mode",
        "--quiet",
        `${plugin}:copy`,
        `-Dartifact=${artifact}`,
        `-DoutputDirectory=${draft}`,
      ]);
    }
  });
}

/** The same with all that the jars need in turn, but for those with `:alone` behind them. */
export async function ensureJarTree(name: string, artifacts: readonly string[]): Promise<string[]> {
  return await ensure(name, artifacts, async (draft) => {
    const pom = join(draft, "pom.xml");
    await writeFile(pom, pomOf(artifacts));
    await run("mvn", [
      "--batch-mode",
      "--quiet",
      "-f",
      pom,
      `${plugin}:copy-dependencies`,
      `-DoutputDirectory=${draft}`,
    ]);
    await rm(pom);
  });
}

// The folder gets its name when it is whole, so half of one is never used.
async function ensure(
  name: string,
  artifacts: readonly string[],
  fetch: (draft: string) => Promise<void>,
): Promise<string[]> {
  const root = fileURLToPath(new URL("../../.cache/services/", import.meta.url));
  const folder = join(root, name);
  if (!existsSync(folder)) {
    await mkdir(root, { recursive: true });
    const draft = await mkdtemp(join(root, "draft-"));
    try {
      await fetch(draft);
      await rename(draft, folder);
    } catch (cause) {
      throw new Error(`this suite needs ${artifacts.join(" and ")}, which Maven could not get`, { cause });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  return (await readdir(folder)).map((jar) => join(folder, jar));
}

function pomOf(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version, alone] = artifact.split(":");
    const nothing = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>";
    const needed = alone === undefined ? "" : nothing;
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>${needed}</dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>millrace</groupId><artifactId>jars</artifactId><version>1</version>
<dependencies>${dependencies.join("")}</dependencies></project>`;
}
