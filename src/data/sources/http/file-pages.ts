// Answers in a format whose files have a reader of their own: each page is a file.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { NamedFormat } from "../format-registry.ts";
import { unitPrefix } from "../unit-files.ts";
import type { PageBody, PageRows, ReadPage } from "../page-rows.ts";
import type { SourceRows, KnownTable } from "../source-rows.ts";

/** @param folder is made with the first page */
export function openFilePages(folder: string, format: NamedFormat): PageRows {
  return new FilePages(folder, format);
}

class FilePages implements PageRows {
  readonly #folder: string;
  readonly #format: NamedFormat;
  readonly #files: string[] = [];
  #prefix = "";
  #count = 0;
  #last: string | undefined;

  constructor(folder: string, format: NamedFormat) {
    this.#folder = folder;
    this.#format = format;
  }

  async read({ body, isEndKnown }: PageBody, name: string): Promise<ReadPage> {
    await mkdir(this.#folder, { recursive: true });
    this.#count += 1;
    const file = join(
      this.#folder,
      `${this.#prefix}page-${String(this.#count).padStart(6, "0")}.${this.#format.variant}`,
    );
    let last: number | undefined;
    const parts = async function* (): AsyncGenerator<Uint8Array> {
      for await (const part of body) {
        last = part.at(-1) ?? last;
        yield part;
      }
    };
    await pipeline(parts, createWriteStream(file, { flags: "wx" }));
    if (!isEndKnown && this.#format.format.endsWithLine && last !== lineEnd) throw cut(name);
    this.#last = file;
    // how many rows a file has is known when all of them are read
    return { rows: 1, kept: 1, fingerprint: file, envelope: undefined, lastRow: undefined };
  }

  keep(): void {
    if (this.#last !== undefined) this.#files.push(this.#last);
    this.#last = undefined;
  }

  /** The file stays in the folder, which goes as a whole. */
  discard(): void {
    this.#last = undefined;
  }

  beginUnit(unit: number): () => void {
    this.#prefix = unitPrefix(unit);
    const count = this.#files.length;
    return () => {
      this.#files.length = count;
    };
  }

  async finish(session: EngineSession, table: KnownTable): Promise<SourceRows> {
    if (this.#files.length === 0) return { untyped: [], warnings: [] };
    const { format, variant } = this.#format;
    return await format.read(session, this.#files, { variant, table });
  }

  [Symbol.dispose](): void {
    this.#last = undefined;
  }
}

const lineEnd = 0x0a;

function cut(name: string): MillraceError {
  return new MillraceError(
    "RESPONSE_TRUNCATED",
    `${name}: nothing says where the answer ends, and it ends within a line`,
    {
      hint: "nothing; if it happens again, have the service send `content-length`, or end its last line",
    },
  );
}
