// Looks at one field of every row that comes: for the greatest value so far and the rows that have it, for rows that are older than
// wanted, and for rows that were read before.
import { createHash } from "node:crypto";
import { type CursorFormats, readCursor, toCursor } from "../../../core/dataset/cursor-value.ts";
import { type KnownRows, maxKnownRows, type WatchedField } from "../../../core/dataset/source.ts";
import { compareWatermarks, type WatermarkValue } from "../../../core/dataset/watermark.ts";
import type { Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { WatchedPlace, WatchedRow } from "../../pages/row-runs.ts";
import type { Pagination } from "../../requests/pagination.ts";
import { parseTemplate } from "../../requests/template.ts";
import { parseExactJson } from "../../requests/value-path.ts";
import { renderText } from "../../requests/variables.ts";

export class RowWatch implements WatchedRow {
  readonly field: string;
  /** The greatest value of the page, and of the pages of the unit before it. */
  maximum: WatermarkValue | undefined;
  unitMaximum: WatermarkValue | undefined;
  hasOlder = false;
  /** Rows of the unit that were left out, because they were read before. */
  unitKnown = 0;
  /** The same of all units. */
  known = 0;
  readonly #formats: CursorFormats;
  readonly #than: string | undefined;
  #oldest: WatermarkValue | undefined;
  #known: KnownRows | undefined;
  #knownRows: ReadonlySet<string> = new Set();
  #pageKnown = 0;
  /** Rows with the greatest value of the page, which as a rule another row takes the place of before they are told apart. */
  #pageNewest: Uint8Array[] = [];
  /** The same, of rows that were too many to be kept as they are. */
  readonly #pagePrints = new Set<string>();
  #unitNewest = new Set<string>();

  /** @param field at the top of rows @param than a template; `undefined` when no row is too old */
  constructor({ name, ...formats }: WatchedField, than: string | undefined) {
    this.field = name;
    this.#formats = formats;
    this.#than = than;
  }

  /** Before the pages of a unit. @param known rows that were read before */
  beginUnit(variables: Variables, where: string, known: KnownRows | undefined): void {
    this.unitMaximum = undefined;
    this.unitKnown = 0;
    this.#known = known;
    this.#knownRows = new Set(known?.fingerprints);
    this.#unitNewest = new Set(known?.fingerprints);
    const text = this.#than === undefined ? undefined : renderText(parseTemplate(this.#than, where), variables, where);
    this.#oldest = text === undefined ? undefined : toCursor(text, this.#formats);
  }

  beginPage(): void {
    this.maximum = undefined;
    this.hasOlder = false;
    this.#pageKnown = 0;
    this.#forgetNewest();
  }

  /** When a page was kept. */
  endPage(): void {
    this.unitKnown += this.#pageKnown;
    this.known += this.#pageKnown;
    const [page, unit] = [this.maximum, this.unitMaximum ?? this.#known?.value];
    if (page === undefined) return;
    const order = unit === undefined ? 1 : compareWatermarks(page, unit);
    if (order > 0) this.#unitNewest.clear();
    if (order >= 0) {
      this.#printNewest();
      for (const print of this.#pagePrints) this.#unitNewest.add(print);
      this.unitMaximum = page;
    }
  }

  /** The newest rows of the unit. */
  get unitNewest(): KnownRows | undefined {
    const value = this.unitMaximum;
    return value === undefined ? undefined : { value, fingerprints: [...this.#unitNewest] };
  }

  keep(json: string | undefined, place: WatchedPlace): boolean {
    const value = this.#read(json, place);
    const oldest = typeof value === "number" && this.#oldest !== undefined ? Number(this.#oldest) : this.#oldest;
    if (oldest !== undefined && compareWatermarks(value, oldest) < 0) {
      this.hasOlder = true;
      return false;
    }
    const order = this.maximum === undefined ? 1 : compareWatermarks(value, this.maximum);
    if (order > 0) {
      this.maximum = value;
      this.#forgetNewest();
    }
    if (order >= 0 && this.#pagePrints.size <= maxKnownRows) this.#pageNewest.push(place.rowBytes());
    if (this.#pageNewest.length === maxKept) this.#printNewest();
    return !this.#isKnown(value, place);
  }

  #forgetNewest(): void {
    this.#pageNewest = [];
    this.#pagePrints.clear();
  }

  #printNewest(): void {
    for (const row of this.#pageNewest) this.#pagePrints.add(fingerprint(row));
    this.#pageNewest = [];
  }

  #isKnown(value: WatermarkValue, place: WatchedPlace): boolean {
    const known = this.#known;
    if (known === undefined || typeof value !== typeof known.value || compareWatermarks(value, known.value) !== 0)
      return false;
    if (!this.#knownRows.has(fingerprint(place.rowBytes()))) return false;
    this.#pageKnown += 1;
    return true;
  }

  #read(json: string | undefined, place: WatchedPlace): WatermarkValue {
    const value = json === undefined ? undefined : parseExactJson(json);
    const found =
      typeof value === "string" || (typeof value === "number" && Number.isFinite(value)) ? value : undefined;
    const where = `${place.pageName}, row ${place.rows}`;
    if (found === undefined) {
      throw new MillraceError(
        "SOURCE_UNREADABLE",
        `${where}: a row has no text and no number in field \`${this.field}\`, by which rows are read on`,
        {
          hint: "every row must have the field; use another one, or another kind of pagination",
        },
      );
    }
    const instant = readCursor(found, this.#formats);
    if (instant !== undefined) return instant;
    const shown = String(found).slice(0, 100);
    throw new MillraceError(
      "SOURCE_UNREADABLE",
      `${where}: field \`${this.field}\` has none of its formats: \`${shown}\``,
      {
        hint: "add the format of the value to `formats` of the watermark",
      },
    );
  }
}

/** Rows of a page that are kept as they are. */
const maxKept = 50;

function fingerprint(row: Uint8Array): string {
  return createHash("sha256").update(row).digest("base64url").slice(0, 16);
}

/**
 * The field that is looked at in every row; absent when there is none.
 * @param wanted the field of the job's watermark
 * @throws MillraceError `JOB_INVALID` when pagination looks at another one
 */
export function createRowWatch(pagination: Pagination, wanted: WatchedField | undefined): RowWatch | undefined {
  const { maxRow, stop } = { maxRow: undefined, stop: undefined, ...pagination };
  const { olderThan } = { olderThan: undefined, ...stop };
  const field = olderThan?.field ?? maxRow ?? wanted?.name;
  if (wanted !== undefined && field !== wanted.name) throw twoFields(field ?? "", wanted.name);
  if (field === undefined) return undefined;
  const than = olderThan === undefined ? undefined : (olderThan.than ?? "{{watermark?}}");
  return new RowWatch(wanted ?? { name: field }, than);
}

function twoFields(field: string, wanted: string): MillraceError {
  const message = `pagination reads on by field \`${field}\`, and the watermark of the job by \`${wanted}\``;
  return new MillraceError("JOB_INVALID", message, { hint: "use the same field for both" });
}
