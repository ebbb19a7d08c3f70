// Looks at one field of every row that comes: for the greatest value so far, and for rows that are older than wanted.
import { compareWatermarks, type WatermarkValue } from "../../../core/dataset/watermark.ts";
import type { Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { WatchedRow } from "../../pages/row-runs.ts";
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
  readonly #isFeed: boolean;
  readonly #than: string;
  #oldest: WatermarkValue | undefined;

  /** @param field at the top of rows @param than a template; `undefined` when no row is too old */
  constructor(field: string, than: string | undefined) {
    this.field = field;
    this.#isFeed = than !== undefined;
    this.#than = than ?? "";
  }

  /** Before the pages of a unit. */
  beginUnit(variables: Variables, where: string): void {
    this.unitMaximum = undefined;
    this.#oldest = this.#isFeed ? renderText(parseTemplate(this.#than, where), variables, where) : undefined;
  }

  beginPage(): void {
    this.maximum = undefined;
    this.hasOlder = false;
  }

  /** When a page was kept. */
  endPage(): void {
    const [page, unit] = [this.maximum, this.unitMaximum];
    if (page !== undefined && (unit === undefined || compareWatermarks(page, unit) > 0)) this.unitMaximum = page;
  }

  keep(json: string | undefined): boolean {
    const value = this.#read(json);
    const oldest = typeof value === "number" && this.#oldest !== undefined ? Number(this.#oldest) : this.#oldest;
    if (oldest !== undefined && compareWatermarks(value, oldest) < 0) {
      this.hasOlder = true;
      return false;
    }
    if (this.maximum === undefined || compareWatermarks(value, this.maximum) > 0) this.maximum = value;
    return true;
  }

  #read(json: string | undefined): WatermarkValue {
    const value = json === undefined ? undefined : parseExactJson(json);
    if (typeof value === "string" || (typeof value === "number" && Number.isFinite(value))) return value;
    throw new MillraceError(
      "SOURCE_UNREADABLE",
      `a row has no text and no number in field \`${this.field}\`, by which rows are read on`,
      {
        hint: "every row must have the field; use another one, or another kind of pagination",
      },
    );
  }
}

/**
 * The field that is looked at in every row; absent when there is none.
 * @param wanted the field of the job's watermark
 * @throws MillraceError `JOB_INVALID` when pagination looks at another one
 */
export function createRowWatch(pagination: Pagination, wanted: string | undefined): RowWatch | undefined {
  const { maxRow, stop } = { maxRow: undefined, stop: undefined, ...pagination };
  const { olderThan } = { olderThan: undefined, ...stop };
  const field = olderThan?.field ?? maxRow ?? wanted;
  if (wanted !== undefined && field !== wanted) throw twoFields(field ?? "", wanted);
  if (field === undefined) return undefined;
  return new RowWatch(field, olderThan === undefined ? undefined : (olderThan.than ?? "{{watermark?}}"));
}

function twoFields(field: string, wanted: string): MillraceError {
  const message = `pagination reads on by field \`${field}\`, and the watermark of the job by \`${wanted}\``;
  return new MillraceError("JOB_INVALID", message, { hint: "use the same field for both" });
}
