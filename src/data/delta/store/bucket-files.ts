// The files of a table in a bucket. They are uploaded under names of their own, and a commit is an object that the service makes for
// one writer only; a service that does not is refused before anything is written.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { findFileCache } from "../../../connections/files/find-file-service.ts";
import type { FileAccess, RemoteFile } from "../../../connections/files/file-service.ts";
import { findBucket } from "../../../connections/s3/find-bucket.ts";
import type { S3Service } from "../../../connections/s3/s3-service.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import type { RemotePlace } from "../../files/recorded-place.ts";
import { inParallel } from "../../in-parallel.ts";
import { decodePath } from "../log/delta-path.ts";
import { RecentTexts } from "./recent-texts.ts";
import type { AddedFile, PutIfAbsent, TableFiles } from "./table-files.ts";

/** @param place of the table; nothing is asked before the first call */
export function createBucketFiles(place: RemotePlace): TableFiles {
  return new BucketFiles(place);
}

/** Requests under way at once for files of a table. */
const parallel = 16;
/** Uploads at once; each has a few parts in memory. */
const uploads = 4;
/** From that many files on, the whole folder is listed, a thousand in each answer. */
const worthListing = 200;

const texts = new RecentTexts();

class BucketFiles implements TableFiles {
  readonly #place: RemotePlace;
  /** Of the table, without a slash at its end. */
  readonly #folder: string;
  /** Files that were found, by their names. */
  readonly #found = new Map<string, RemoteFile>();

  constructor(place: RemotePlace) {
    this.#place = place;
    this.#folder = place.path.replace(/\/+$/, "");
  }

  async list(folder: string): Promise<readonly string[]> {
    const prefix = this.#key(`${folder}/`);
    const files = await Array.fromAsync((await this.#bucket()).listPrefix(prefix, { delimiter: "/" }));
    return files.map(({ path }) => path.slice(prefix.length)).filter((name) => !name.includes("/"));
  }

  async readText(name: string): Promise<string | undefined> {
    const bucket = await this.#bucket();
    const key = this.#key(name);
    return await texts.read(bucket.place(key), (known) => bucket.read(key, known, {}));
  }

  async writtenAt(name: string): Promise<number> {
    const found = await (await this.#bucket()).find(this.#key(name), {});
    if (found !== undefined) return found.modifiedAtMs;
    throw new MillraceError("DELTA_CORRUPT", `there is no \`${name}\` in \`${await this.#print()}\``);
  }

  async putIfAbsent(name: string, text: string, { beforePut }: PutIfAbsent): Promise<boolean> {
    const bucket = await this.#bucket();
    await this.#assertExclusive(bucket);
    return await bucket.putOnce(this.#key(name), text, { onReady: beforePut });
  }

  async replace(from: string, name: string): Promise<void> {
    await (await this.#bucket()).upload(from, this.#key(name), { owner: "delta" });
  }

  async add(files: readonly AddedFile[], access: FileAccess): Promise<void> {
    if (files.length === 0) return;
    const bucket = await this.#bucket();
    await this.#assertExclusive(bucket);
    const cache = findFileCache();
    await inParallel(files, uploads, async ({ name, written }) => {
      const made = await bucket.upload(written.path, this.#key(name), { owner: "delta", ...access });
      await cache?.keep(bucket, made, written.path);
    });
  }

  async takeBack(files: readonly AddedFile[]): Promise<void> {
    await this.#removeAll(files.map(({ name }) => name));
  }

  pathOf({ written }: AddedFile): string {
    return written.path;
  }

  async remove(names: readonly string[]): Promise<string[]> {
    const there = new Set(await this.#findAll(names));
    const known = names.filter((name) => there.has(name));
    await this.#removeAll(known);
    const bucket = await this.#bucket();
    // an upload in parts that was interrupted has no file yet
    await inParallel(names, parallel, (name) => bucket.clearUnfinished(this.#key(name), "delta", {}));
    return known;
  }

  async findMissing(logPaths: readonly string[]): Promise<string | undefined> {
    const names = logPaths.map((path) => this.#nameOf(path));
    const there = new Set(await this.#findAll(names));
    const missing = names.find((name) => !there.has(name));
    return missing === undefined ? undefined : (await this.#bucket()).place(this.#key(missing));
  }

  async open(logPaths: readonly string[], folder: string | undefined, access: FileAccess): Promise<string> {
    if (folder === undefined) throw new MillraceError("INTERNAL", "there is no folder for copies of the table");
    const copies = join(folder, `table-${createHash("sha256").update(this.#key("")).digest("hex").slice(0, 16)}`);
    const names = [...new Set(logPaths.map((path) => this.#nameOf(path)))];
    const there = new Set(await this.#findAll(names));
    const bucket = await this.#bucket();
    await inParallel(names, parallel, async (name) => {
      const found = this.#found.get(name);
      if (!there.has(name) || found === undefined) throw missingFile(bucket.place(this.#key(name)));
      await copy(bucket, found, join(copies, name), access);
    });
    return copies;
  }

  async #removeAll(names: readonly string[]): Promise<void> {
    const bucket = await this.#bucket();
    await inParallel(names, parallel, (name) => bucket.remove(this.#key(name), {}));
    for (const name of names) this.#found.delete(name);
  }

  /** Those of the names that are there. Files of data never change, so that one that was seen is not looked for again. */
  async #findAll(names: readonly string[]): Promise<readonly string[]> {
    const bucket = await this.#bucket();
    const unknown = names.filter((name) => !this.#found.has(name));
    if (unknown.length >= worthListing) {
      const prefix = this.#key("");
      for await (const file of bucket.listPrefix(prefix, {})) this.#found.set(file.path.slice(prefix.length), file);
    } else {
      await inParallel(unknown, parallel, async (name) => {
        const file = await bucket.find(this.#key(name), {});
        if (file !== undefined) this.#found.set(name, file);
      });
    }
    return names.filter((name) => this.#found.has(name));
  }

  async #assertExclusive(bucket: S3Service): Promise<void> {
    if (await bucket.refusesSecondWriter(this.#folder, {})) return;
    throw new MillraceError(
      "DELTA_STORE_UNSAFE",
      `the service of \`${await this.#print()}\` lets two writers overwrite each other`,
      {
        hint: "a Delta table needs a service that honours `If-None-Match: *`; use a newer version of it, or another service",
      },
    );
  }

  /** The name of a file, given its path in the log. @throws MillraceError `DELTA_UNSUPPORTED` | `DELTA_CORRUPT` */
  #nameOf(logPath: string): string {
    const decoded = decodePath(logPath);
    const where = `the log of \`connection:${this.#place.connection}/${this.#folder}\``;
    if (/^(?:file:|[a-z][a-z0-9+.-]*:\/\/)/i.test(logPath) || isAbsolute(decoded))
      throw new MillraceError("DELTA_UNSUPPORTED", `${where} refers to a file in another store, got: \`${logPath}\``);
    const name = normalize(decoded);
    if (name.split("/")[0] !== "..") return name;
    throw new MillraceError("DELTA_CORRUPT", `${where} names a file outside it, got: \`${logPath}\``);
  }

  #key(name: string): string {
    return this.#folder === "" ? name : `${this.#folder}/${name}`;
  }

  async #bucket(): Promise<S3Service> {
    return await findBucket(this.#place.connection);
  }

  async #print(): Promise<string> {
    return (await this.#bucket()).place(this.#folder);
  }
}

async function copy(bucket: S3Service, file: RemoteFile, to: string, access: FileAccess): Promise<void> {
  await makeFolder(dirname(to));
  const cache = findFileCache();
  if (cache !== undefined) return await cache.bring(bucket, file, to, access);
  if (!existsSync(to)) await bucket.download(file, to, access);
}

function missingFile(place: string): MillraceError {
  return new MillraceError("SOURCE_MISSING", `the table has lost a file: \`${place}\``);
}
