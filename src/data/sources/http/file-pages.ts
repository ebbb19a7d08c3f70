// Answers in a format whose files have a reader of their own: each page is a file.
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { EngineSession } from "../../../compute/engine.ts";
import type { SourceReading } from "../../../core/dataset/source.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { FileSpool, type NamedFile } from "../file-spool.ts";
import { AnswerDigests, factsOf } from "../answer-facts.ts";
import type { FileFormatName, NamedFormat } from "../format-registry.ts";
import { withUnitColumn } from "../unit-files.ts";
import type { PageBody, PageRows, ReadPage } from "../page-rows.ts";
import { readFiles } from "../read-files.ts";
import type { SourceRows, KnownTable } from "../source-rows.ts";
import type { SourceOpening } from "../../source.ts";
import type { HttpReadOptions } from "./options.ts";

export interface FilePagesOpening extends Pick<SourceOpening, "root" | "onSecret"> {
  /** Made with the first page. */
  readonly folder: string;
  readonly format: NamedFormat;
  readonly options?: HttpReadOptions | undefined;
  /** What variables stand for. */
  readonly units: SourceReading;
}

/** Opens nothing before the first page. */
export function openFilePages(opening: FilePagesOpening): PageRows {
  return new FilePages(opening);
}

class FilePages implements PageRows {
  readonly #opening: FilePagesOpening;
  readonly #spool: FileSpool;
  readonly #files: NamedFile[] = [];
  #last: NamedFile | undefined;
  /** Those of pages that were added. */
  readonly #others: FileSpool[] = [];
  #unit = 0;
  /** Answers of the unit that were kept. */
  #pages = 0;

  constructor(opening: FilePagesOpening) {
    this.#opening = opening;
    this.#spool = new FileSpool(opening.folder);
  }

  async read(answer: PageBody, name: string): Promise<ReadPage> {
    const { body, isEndKnown, headers } = answer;
    const digests = new AnswerDigests(headers);
    const file = await this.#spool.add(name, this.#opening.format.variant);
    let last: number | undefined;
    const parts = async function* (): AsyncGenerator<Uint8Array> {
      for await (const part of body) {
        last = part.at(-1) ?? last;
        digests.update(part);
        yield part;
      }
    };
    await pipeline(parts, createWriteStream(file.path, { flags: "wx" }));
    digests.assertSame(name);
    if (!isEndKnown && !digests.areKnown) this.#assertEnd(last, name);
    this.#last = { ...file, unit: this.#unit, facts: factsOf(answer, this.#pages + 1) };
    // how many rows a file has is known when all of them are read
    return { rows: 1, kept: 1, fingerprint: file.path, envelope: undefined, lastRow: undefined };
  }

  keep(): void {
    if (this.#last !== undefined) {
      this.#files.push(this.#last);
      this.#pages += 1;
    }
    this.#last = undefined;
  }

  /** The file stays in the folder, which goes as a whole. */
  discard(): void {
    this.#last = undefined;
  }

  beginUnit(unit: number): () => void {
    this.#unit = unit;
    this.#pages = 0;
    const count = this.#files.length;
    return () => {
      this.#files.length = count;
    };
  }

  join(other: this): void {
    this.#files.push(...other.#files);
    this.#others.push(other.#spool, ...other.#others);
  }

  async tellUnits(session: EngineSession, rows: SourceRows, column: string): Promise<string | undefined> {
    return await withUnitColumn(session, rows, column);
  }

  async finish(session: EngineSession, table: KnownTable): Promise<SourceRows> {
    if (this.#files.length === 0) return { untyped: [], warnings: [] };
    const { folder, format, root, onSecret, units } = this.#opening;
    const said = this.#opening.options ?? {};
    const options = { ...said, format: format.variant as FileFormatName, codec: said.codec ?? [] };
    const reading = { options, table, spool: folder, root, onSecret, units };
    const read = [this.#spool, ...this.#others].reduce(
      (work, spool) => async () => spool.rename(await spool.naming(work)),
      () => readFiles(session, this.#files, reading),
    );
    return await read();
  }

  /** What is packed says by itself where it ends; what nobody reads says nothing. */
  #assertEnd(last: number | undefined, name: string): void {
    const { format, options } = this.#opening;
    if (options?.codec !== undefined) return;
    if (format.format.endsWithLine && last !== lineEnd) throw cut(name, "and it ends within a line");
    if (format.format.takesWhole === true) throw cut(name, "nor does anything in it");
  }

  [Symbol.dispose](): void {
    this.#last = undefined;
  }
}

const lineEnd = 0x0a;

function cut(name: string, why: string): MillraceError {
  return new MillraceError("RESPONSE_TRUNCATED", `${name}: nothing says where the answer ends, ${why}`, {
    hint: "nothing; if it happens again, have the service send `content-length`, or end its last line",
  });
}
