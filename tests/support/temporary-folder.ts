// A folder of one test file, removed after its tests.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** Makes the folder before the first test; the function returned gives its path. */
export function useTemporaryFolder(name: string): () => string {
  let path = "";
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), `millrace-${name}-`));
  });
  afterAll(async () => {
    await rm(path, { recursive: true, force: true });
  });
  return () => path;
}
