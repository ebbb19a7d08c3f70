// Folders of this machine as a place for files: each is copied under a hidden name beside its place, flushed, and put there by one step.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { link, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { changedFile } from "../../connections/files/download-parts.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { errorCode, makeFolder, syncFolder, toTargetError } from "../files/file-system.ts";
import { resolveForeignPath } from "../files/project-path.ts";
import { temporaryFile } from "../files/temporary-file.ts";
import type { Delivery, FilePlace, OutgoingFile } from "./delivery.ts";
import { hashFile } from "./hash-file.ts";

/** Relative paths belong to the project, and may not lead out of it, nor any into folders with files of its own. */
export function createLocalPlace(paths: Delivery["paths"]): FilePlace {
  const resolve = (to: string): string => resolveForeignPath(paths, to);
  return {
    print: (to) => to,
    absolute: resolve,
    async look({ to, size, sha256 }) {
      const found = await stat(resolve(to)).catch(() => undefined);
      if (found === undefined) return "nothing";
      if (!found.isFile() || found.size !== size) return "other";
      return (await hashFile(resolve(to))).sha256 === sha256 ? "same" : "other";
    },
    async assertSpace(files) {
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      const folder = dirname(resolve(files[0]?.to ?? ""));
      await makeTargetFolder(folder);
      const { bavail, bsize } = await statfs(folder);
      if (bytes <= bavail * bsize) return;
      throw new MillraceError(
        "DISK_FULL",
        `${files.length} files have ${bytes} bytes, and the disk of \`${folder}\` has ${bavail * bsize} left`,
        { hint: "free space, or let a run take fewer files: `maxUnitsPerRun`" },
      );
    },
    async put(file, isReplacing, delivery) {
      const target = resolve(file.to);
      await makeTargetFolder(dirname(target));
      const temporary = temporaryFile(target, delivery.owner);
      try {
        await copy(file, temporary, delivery.signal);
        await delivery.failpoint("delivery:copied");
        await delivery.assertHeld();
        if (isReplacing) await rename(temporary, target);
        else await moveIfAbsent(temporary, target);
        await syncFolder(dirname(target));
      } catch (error) {
        await rm(temporary, { force: true });
        throw toTargetError(error, target);
      }
    },
  };
}

async function makeTargetFolder(folder: string): Promise<void> {
  await makeFolder(folder).catch((error: unknown) => {
    throw toTargetError(error, folder);
  });
}

/** @throws MillraceError `SOURCE_UNREADABLE` when the bytes are not those that were looked at */
async function copy({ path, name, sha256 }: OutgoingFile, temporary: string, signal: AbortSignal): Promise<void> {
  const hash = createHash("sha256");
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      hash.update(part);
      done(undefined, part);
    },
  });
  const from = createReadStream(path, { highWaterMark: 1024 ** 2 });
  try {
    await pipeline(from, counted, createWriteStream(temporary, { flush: true }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw isGone(error, path) ? changedFile(name, "it is gone") : error;
  }
  if (hash.digest("hex") !== sha256) throw changedFile(name, "its bytes are others than before");
}

function isGone(error: unknown, path: string): boolean {
  return error instanceof Error && "path" in error && error.path === path && errorCode(error) === "ENOENT";
}

/** A second name for the bytes is refused where a file has it; not every disk can give one. */
async function moveIfAbsent(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
    await rm(temporary);
  } catch (error) {
    const code = errorCode(error) ?? "";
    if (code !== "EEXIST" && !withoutLinks.has(code)) throw error;
    const isThere = code === "EEXIST" || (await stat(target).catch(() => undefined)) !== undefined;
    if (!isThere) return await rename(temporary, target);
    throw new MillraceError("TARGET_CONFLICT", `there is a file already: \`${target}\``, {
      hint: "somebody else has written it meanwhile; nothing was replaced",
    });
  }
}

const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);
