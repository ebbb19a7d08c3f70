// A part of a bucket that Spark sees with rights of its own, and this machine through a connection. What this machine reads of it is copied
// to its disk first. A key is there when all of its bytes are, so that nothing half-written is read.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FileAccess } from "../../../connections/files/file-service.ts";
import { findBucket } from "../../../connections/s3/find-bucket.ts";
import { parseDataAddress } from "../../../core/dataset/data-address.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { BucketPlace, SharedFolder } from "./shared-folder.ts";

export interface BucketFolderOptions extends BucketPlace {
  /** A folder of this machine for copies, which whoever opened the work deletes. */
  readonly spool: string;
  readonly signal: AbortSignal;
}

export function createBucketFolder(options: BucketFolderOptions): SharedFolder {
  return new BucketFolder(options);
}

/** Exchanges with the bucket at once. */
const parallel = 8;

class BucketFolder implements SharedFolder {
  readonly #place: BucketPlace;
  readonly #spool: string;
  readonly #access: FileAccess;

  constructor({ spool, signal, ...place }: BucketFolderOptions) {
    this.#place = place;
    this.#spool = join(spool, "spark");
    this.#access = { signal };
  }

  pathOf(name: string): string {
    return `${this.#place.address}/${name}`;
  }

  seenPath(path: string): string | undefined {
    const wanted = parseDataAddress(path);
    const own = parseDataAddress(this.#place.address);
    if (wanted?.kind !== "bucket" || own?.kind !== "bucket" || wanted.bucket !== own.bucket) return undefined;
    return `${schemeOf(this.#place.address)}//${wanted.bucket}/${wanted.key}`;
  }

  async open(isOurs: (name: string) => boolean, sinceMs: number): Promise<void> {
    const bucket = await findBucket(this.#place.connection);
    const prefix = this.#key("");
    const lastAt = new Map<string, number>();
    for await (const { path, modifiedAtMs } of bucket.listPrefix(prefix, this.#access)) {
      const [name = ""] = path.slice(prefix.length).split("/");
      lastAt.set(name, Math.max(modifiedAtMs, lastAt.get(name) ?? 0));
    }
    for (const [name, atMs] of lastAt) if (isOurs(name) && atMs < sinceMs) await this.remove(name);
  }

  async list(folder: string): Promise<readonly string[]> {
    const bucket = await findBucket(this.#place.connection);
    const prefix = this.#key(`${folder}/`);
    const files = await Array.fromAsync(bucket.listPrefix(prefix, { delimiter: "/", ...this.#access }));
    return files.map(({ path }) => path.slice(prefix.length)).filter((name) => !name.includes("/"));
  }

  async readText(name: string): Promise<string | undefined> {
    const bucket = await findBucket(this.#place.connection);
    return (await bucket.read(this.#key(name), undefined, this.#access))?.text;
  }

  async writeText(name: string, text: string): Promise<void> {
    await this.put(name, async (path) => await writeFile(path, text));
  }

  async put(name: string, write: (path: string) => Promise<void>): Promise<void> {
    const bucket = await findBucket(this.#place.connection);
    const path = join(this.#spool, name);
    await mkdir(dirname(path), { recursive: true });
    await write(path);
    await bucket.upload(path, this.#key(name), { owner: "spark", ...this.#access });
  }

  async fetch(folder: string, names: readonly string[]): Promise<readonly string[]> {
    const bucket = await findBucket(this.#place.connection);
    const to = join(this.#spool, folder);
    await mkdir(to, { recursive: true });
    await inTurns(names, async (name) => {
      const key = this.#key(`${folder}/${name}`);
      const file = await bucket.find(key, this.#access);
      if (file === undefined) throw rowsGone(bucket.place(key));
      await rm(join(to, name), { force: true });
      await bucket.download(file, join(to, name), this.#access);
    });
    return names.map((name) => join(to, name));
  }

  async remove(folder: string): Promise<void> {
    const bucket = await findBucket(this.#place.connection);
    const files = await Array.fromAsync(bucket.listPrefix(this.#key(`${folder}/`), {}));
    await inTurns(files, async ({ path }) => await bucket.remove(path, {}));
  }

  #key(name: string): string {
    return this.#place.key === "" ? name : `${this.#place.key}/${name}`;
  }
}

/** Another attempt has them computed again. */
function rowsGone(place: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `rows of Spark are gone: \`${place}\``, {
    disposition: "retry",
    hint: "look whether a rule of the bucket removes them; nothing was published",
  });
}

function schemeOf(address: string): string {
  return address.slice(0, address.indexOf("//"));
}

/** Some at once, the others when these are done. */
async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += parallel) await Promise.all(all.slice(at, at + parallel).map(work));
}
