// Refuses compressed files that end too early. The engine reads what is there of a cut gzip file and says nothing,
// so half a delivery would be published as a whole one.
import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { MillraceError } from "../../core/errors.ts";

/** Unpacks every `.gz` and `.zst` file once, without keeping anything. @throws MillraceError `SOURCE_UNREADABLE` */
export async function assertWholeArchives(files: readonly string[], signal?: AbortSignal): Promise<void> {
  for (const file of files) {
    const unpack = file.toLowerCase().endsWith(".gz") ? createGunzip : createZstdDecompress;
    if (!/\.(?:gz|zst)$/i.test(file)) continue;
    try {
      await pipeline(createReadStream(file), unpack(), discard(), signal === undefined ? {} : { signal });
    } catch (cause) {
      signal?.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : "it cannot be unpacked";
      throw new MillraceError("SOURCE_UNREADABLE", `unpacking \`${file}\`: ${reason}`, {
        hint: "the file is damaged or was not delivered completely; deliver it again",
        cause,
      });
    }
  }
}

function discard(): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(),
  });
}
