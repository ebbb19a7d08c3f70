// What a copy of a store tells of itself, in a file beside it, for people who look at the stores of a machine from outside.
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

export interface StoreStatus {
  readonly store: string;
  readonly topic: string;
  /** The run whose copy it is. */
  readonly run: string;
  readonly state: "building" | "serving" | "failed" | "closed";
  /** When this was written, milliseconds since the Unix epoch. */
  readonly atMs: number;
  readonly asOfMs: number | null;
  /** Null: it has never held all of its topic. */
  readonly behindMs: number | null;
  readonly bytes: number;
  readonly snapshotAtMs: number | null;
  readonly positions: readonly { readonly partition: number; readonly offset: number; readonly end: number }[];
  readonly error: string | null;
}

const statusSchema: z.ZodType<StoreStatus> = z.object({
  store: z.string(),
  topic: z.string(),
  run: z.string(),
  state: z.enum(["building", "serving", "failed", "closed"]),
  atMs: z.number(),
  asOfMs: z.number().nullable(),
  behindMs: z.number().nullable(),
  bytes: z.number(),
  snapshotAtMs: z.number().nullable(),
  positions: z.array(z.object({ partition: z.number(), offset: z.number(), end: z.number() })),
  error: z.string().nullable(),
});

/** The copies of all stores below a folder of stores, each as it was when it last told; those that have told nothing are left out. */
export async function listStoreStatuses(storesFolder: string): Promise<readonly StoreStatus[]> {
  const statuses: StoreStatus[] = [];
  for (const store of await namesIn(storesFolder)) {
    for (const copy of await namesIn(join(storesFolder, store))) {
      const status = await readStatus(join(storesFolder, store, copy, fileName));
      if (status !== undefined) statuses.push(status);
    }
  }
  return statuses;
}

/** Replaces what a copy has told before. */
export async function writeStoreStatus(copyFolder: string, status: StoreStatus): Promise<void> {
  const path = join(copyFolder, fileName);
  await writeFile(`${path}.new`, JSON.stringify(status));
  await rename(`${path}.new`, path);
}

const fileName = "status.json";

async function namesIn(folder: string): Promise<readonly string[]> {
  const names: readonly string[] = await readdir(folder).catch(() => []);
  return names.toSorted();
}

async function readStatus(path: string): Promise<StoreStatus | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = statusSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
