// Free space of the file systems that a project writes to.
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

export interface LocalDisk {
  readonly place: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** @param paths name → a path that exists, or whose nearest existing parent counts */
export async function measureDisks(paths: Readonly<Record<string, string>>): Promise<LocalDisk[]> {
  return await Promise.all(
    Object.entries(paths).map(async ([place, path]) => {
      const { bavail, blocks, bsize } = await statfs(await existing(path));
      return { place, freeBytes: Number(bavail) * Number(bsize), totalBytes: Number(blocks) * Number(bsize) };
    }),
  );
}

async function existing(path: string): Promise<string> {
  try {
    await statfs(path);
    return path;
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) throw error;
    return await existing(parent);
  }
}
