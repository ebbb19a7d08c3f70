// Files that schedules wait for.
import { glob, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { MillraceError } from "../core/errors/errors.ts";
import type { FoundFile } from "../orchestrator/scheduling/decide-trigger.ts";
import { resolveInProject } from "../project/project.ts";

/** A schedule remembers each of them. */
const maxFiles = 10_000;

/**
 * Files that fit a pattern, by path.
 * @param root folder of the project, which the pattern cannot lead out of
 * @throws MillraceError `VALUE_INVALID` for too many, and for a pattern that leads outside
 */
export async function findFiles(root: string, pattern: string): Promise<readonly FoundFile[]> {
  resolveInProject(root, pattern);
  const found: FoundFile[] = [];
  for await (const path of glob(pattern, { cwd: root })) {
    const file = await stat(isAbsolute(path) ? path : join(root, path)).catch(() => undefined);
    // a folder is no file, and one that has gone since is looked for again
    if (file?.isFile() !== true) continue;
    found.push({ path, bytes: file.size, changedAtMs: Math.trunc(file.mtimeMs) });
    if (found.length <= maxFiles) continue;
    throw new MillraceError("VALUE_INVALID", `expected at most ${maxFiles} files to fit \`${pattern}\``, {
      hint: "have the job move or delete the files that it has read",
    });
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
