// JSON answers of a service: rows become lines on disk while an answer comes, and their types follow from all of them.
import { JsonPageSplitter } from "../../pages/json-page-splitter.ts";
import { createPlace, mergePlace } from "../../pages/key-place.ts";
import { unitPrefix, withUnitColumn } from "../unit-files.ts";
import { PageSpool } from "../../pages/page-spool.ts";
import { parseExactJson } from "../../requests/value-path.ts";
import type { EngineSession } from "../../../compute/engine.ts";
import type { PageBody, PageOptions, PageRows, ReadPage } from "../page-rows.ts";
import type { SourceRows, KnownTable } from "../source-rows.ts";
import { selectRows } from "./json-columns.ts";
import { withoutKeys } from "./json-shapes.ts";

/** Opens nothing before the first row. */
export function openJsonPages(options: PageOptions): PageRows {
  return new JsonPages(options);
}

class JsonPages implements PageRows {
  readonly #spool: PageSpool;
  readonly #splitter: JsonPageSplitter;
  readonly #noun: "page" | "file";
  readonly #tellsUnits: boolean;
  #rows = 0;
  /** Pages with rows. */
  #pages = 0;
  #last: ReadPage | undefined;
  #longestRow = 0;
  readonly #files: string[] = [];
  /** What was found at the places of rows: of all units before, and of this one, which may be taken back. */
  readonly #place = createPlace();
  #unitPlace = createPlace();

  constructor({ folder, tellsUnits, noun = "page", ...options }: PageOptions) {
    this.#noun = noun;
    this.#tellsUnits = tellsUnits;
    this.#spool = new PageSpool(folder);
    this.#splitter = new JsonPageSplitter(options);
  }

  async read({ body }: PageBody, name: string): Promise<ReadPage> {
    const splitter = this.#splitter;
    splitter.place = createPlace();
    splitter.begin(name, this.#pages + 1, this.#spool);
    for await (const part of body) splitter.push(part);
    const { envelope, lastRow, problem, ...page } = splitter.end();
    this.#last = {
      ...page,
      ...(problem === undefined ? {} : { problem }),
      envelope: envelope === "" ? undefined : parseExactJson(envelope),
      lastRow: lastRow === undefined ? undefined : parseExactJson(lastRow),
    };
    return this.#last;
  }

  keep(): void {
    this.#spool.keepPage();
    const { rows, kept } = this.#last ?? { rows: 0, kept: 0 };
    if (rows > 0) this.#pages += 1;
    this.#rows += kept;
    mergePlace(this.#unitPlace, this.#splitter.place, true);
    this.#splitter.place = createPlace();
  }

  discard(): void {
    this.#spool.discardPage();
  }

  beginUnit(unit: number): () => void {
    if (this.#tellsUnits) this.#spool.beginFile(unitPrefix(unit));
    const { place } = this.#spool;
    const [rows, pages] = [this.#rows, this.#pages];
    this.#endUnit();
    return () => {
      this.#spool.discardTo(place);
      [this.#rows, this.#pages] = [rows, pages];
      this.#unitPlace = createPlace();
    };
  }

  #endUnit(): void {
    mergePlace(this.#place, this.#unitPlace, true);
    this.#unitPlace = createPlace();
  }

  async tellUnits(session: EngineSession, rows: SourceRows, column: string): Promise<string | undefined> {
    return await withUnitColumn(session, rows, column);
  }

  join(other: this): void {
    other.#spool.end();
    this.#endUnit();
    other.#endUnit();
    mergePlace(this.#place, other.#place, true);
    this.#files.push(...other.#spool.files, ...other.#files);
    this.#longestRow = Math.max(this.#longestRow, other.#longestRow, other.#splitter.longestRow);
    this.#pages += other.#pages;
    this.#rows += other.#rows;
  }

  async finish(_session: EngineSession, table: KnownTable): Promise<SourceRows> {
    this.#spool.end();
    this.#endUnit();
    const longestRow = Math.max(this.#longestRow, this.#splitter.longestRow);
    const files = [...this.#spool.files, ...this.#files];
    const found = { files, place: this.#place, longestRow, pages: this.#pages, noun: this.#noun };
    const rows = await selectRows(found, table);
    if (rows.sql === undefined && this.#rows > 0) throw withoutKeys();
    return { ...rows, rowCount: this.#rows };
  }

  [Symbol.dispose](): void {
    this.#spool[Symbol.dispose]();
  }
}
