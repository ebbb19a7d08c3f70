// Avro files, whose types are those of their schemas.
import { createReadStream } from "node:fs";
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { TextRow } from "../../files/text-spool.ts";
import type { SourceRows } from "../source-rows.ts";
import { type TypedFile, typedRows } from "../typed/typed-rows.ts";
import { BlockReader } from "./block-reader.ts";
import { ByteReader } from "./byte-reader.ts";
import { readBlocks, readHeader } from "./container.ts";
import { parseSchema } from "./schema.ts";
import { createReader, type ValueReader } from "./values.ts";

/** @throws MillraceError `SOURCE_UNREADABLE` naming the file */
export async function avroRows(session: EngineSession, files: readonly string[], spool: string): Promise<SourceRows> {
  return await typedRows(session, files, { spool, open: (file) => naming(file, () => openAvro(file)) });
}

async function openAvro(file: string): Promise<TypedFile> {
  await using reader = openBytes(file);
  const schema = parseSchema((await readHeader(reader)).schema);
  if (schema.kind !== "record") {
    const column = createReader(schema);
    return { columns: [{ name: "value", type: column.type }], rows: () => readRows(file, [column]) };
  }
  const columns = schema.fields.map(({ name, type }) => ({ name, reader: createReader(type, [schema]) }));
  return {
    columns: columns.map(({ name, reader: { type } }) => ({ name, type })),
    rows: () =>
      readRows(
        file,
        columns.map((column) => column.reader),
      ),
  };
}

function openBytes(file: string): ByteReader {
  return new ByteReader(createReadStream(file, { highWaterMark: 1024 * 1024 }));
}

async function* readRows(file: string, columns: readonly ValueReader[]): AsyncGenerator<readonly TextRow[], void> {
  await using reader = openBytes(file);
  try {
    const header = await readHeader(reader);
    for await (const { rows, bytes } of readBlocks(reader, header)) {
      const block = new BlockReader(bytes);
      for (let read = 0; read < rows; read += chunkRows) {
        const count = Math.min(chunkRows, rows - read);
        yield Array.from({ length: count }, () => columns.map((column) => column.read(block)));
      }
      if (!block.isAtEnd) throw new Error("a block of the file has bytes behind its last row");
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

const chunkRows = 2_000;

async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : "it is damaged";
  return new MillraceError("SOURCE_UNREADABLE", `reading \`${file}\`: ${reason}`, {
    hint: "deliver the file again; if it is right, set `format` of the source to what it is",
    cause,
  });
}
