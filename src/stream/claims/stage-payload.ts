// Bytes on their way into the payload store: in a file of this machine, whose hash is known when the last of them has come. Memory
// holds one chunk, whatever the length.
import { createHash, randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PayloadContent } from "../../core/stream/stream-payloads.ts";
import { makeFolder, toTargetError } from "../../data/files/file-system.ts";

export interface StagedPayload {
  /** Flushed. Whoever staged it takes it away. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** @throws MillraceError `DISK_FULL` and the like, and what the content throws; nothing stays then */
export async function stagePayload(
  folder: string,
  content: PayloadContent,
  signal?: AbortSignal,
): Promise<StagedPayload> {
  const file = join(folder, randomUUID());
  await makeFolder(folder).catch((error: unknown) => {
    throw toTargetError(error, folder);
  });
  try {
    return { file, ...(await writeContent(file, content, signal)) };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function writeContent(
  file: string,
  content: PayloadContent,
  signal: AbortSignal | undefined,
): Promise<Omit<StagedPayload, "file">> {
  const hash = createHash("sha256");
  let bytes = 0;
  const handle = await open(file, "wx").catch((error: unknown) => {
    throw toTargetError(error, file);
  });
  try {
    for await (const chunk of chunksOf(content)) {
      signal?.throwIfAborted();
      const data = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      hash.update(data);
      bytes += data.byteLength;
      await handle.appendFile(data).catch((error: unknown) => {
        throw toTargetError(error, file);
      });
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest("hex"), bytes };
}

function chunksOf(content: PayloadContent): Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string> {
  return typeof content === "string" || content instanceof Uint8Array ? [content] : content;
}
