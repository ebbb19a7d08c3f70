// Arrow files and streams, part by part.
import { open } from "node:fs/promises";
import { zstdDecompressSync } from "node:zlib";
import type * as arrowModule from "apache-arrow";
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { TextRow } from "../../files/text-spool.ts";
import { loadOptional } from "../../../core/errors/optional-package.ts";
import type { SourceRows } from "../source-rows.ts";
import { type TypedFile, typedRows } from "../typed/typed-rows.ts";
import { type ColumnReader, createColumnReader } from "./column-reader.ts";
import { unpackLz4 } from "./lz4.ts";

type Arrow = typeof arrowModule;

/** @throws MillraceError `SOURCE_UNREADABLE` naming the file, `DEPENDENCY_MISSING` */
export async function arrowRows(session: EngineSession, files: readonly string[], spool: string): Promise<SourceRows> {
  const arrow = await loadOptional("apache-arrow", "files in Arrow", () => import("apache-arrow"));
  arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, {
    decode: (packed) => zstdDecompressSync(packed, { maxOutputLength: maxBufferBytes }),
  });
  arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, {
    decode: (packed) => unpackLz4(packed, maxBufferBytes),
  });
  return await typedRows(session, files, { spool, open: async (file) => await openArrow(arrow, file) });
}

/** Of one column of one part of a file. */
const maxBufferBytes = 1024 ** 3;

async function openArrow(arrow: Arrow, file: string): Promise<TypedFile> {
  try {
    await assertWhole(file);
    await using handle = await open(file);
    const reader = await arrow.RecordBatchReader.from(handle);
    await reader.open();
    const columns = reader.schema.fields.map((field) => ({
      name: field.name,
      reader: createColumnReader(arrow, field),
    }));
    await reader.cancel();
    return {
      columns: columns.map(({ name, reader: { type } }) => ({ name, type })),
      rows: () =>
        readRows(
          arrow,
          file,
          columns.map((column) => column.reader),
        ),
    };
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function* readRows(
  arrow: Arrow,
  file: string,
  columns: readonly ColumnReader[],
): AsyncGenerator<readonly TextRow[], void> {
  try {
    await using handle = await open(file);
    for await (const batch of await arrow.RecordBatchReader.from(handle)) {
      const reads = columns.map((column, index) => {
        const data = batch.data.children[index];
        if (data === undefined) throw new Error("a part of the file has fewer columns than it says");
        return column.bind(data);
      });
      for (let row = 0; row < batch.numRows; row += chunkRows) {
        const count = Math.min(chunkRows, batch.numRows - row);
        yield Array.from({ length: count }, (_, index) => reads.map((read) => read(row + index)));
      }
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

const chunkRows = 2_000;

/** A file ends with its mark, a stream with the end of the stream; one that was cut has neither, and reads as a shorter one. */
async function assertWhole(file: string): Promise<void> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const { buffer: start } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  const { buffer: end } = await handle.read(Buffer.alloc(8), 0, 8, Math.max(0, size - 8));
  if (start.toString("latin1", 0, 6) === "ARROW1") {
    if (end.toString("latin1", 2) !== "ARROW1") throw new Error("the file does not end as it should: it was cut");
    return;
  }
  if (start.readUInt32LE() !== 0xffffffff) throw new Error("it is no Arrow file: it does not begin as one");
  if (end.readUInt32LE() !== 0xffffffff || end.readUInt32LE(4) !== 0) {
    throw new Error("the stream does not end as it should: it was cut");
  }
}

function unreadable(file: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const reason = cause instanceof Error ? cause.message : "it is damaged";
  return new MillraceError("SOURCE_UNREADABLE", `reading \`${file}\`: ${reason}`, {
    hint: "deliver the file again; if it is right, set `format` of the source to what it is",
    cause,
  });
}
