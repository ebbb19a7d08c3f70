// Puts the parts of batches together, also of one whose parts come in different streams, and holds that no row is lost or doubled.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { BatchPart } from "./connect-responses.ts";

/** Rows in Arrow's stream format: schema, one batch, end. */
export interface ArrowBatch {
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/** Of one operation. */
export class BatchAssembler {
  #rows = 0;
  #parts: Uint8Array[] = [];

  /** @returns the batch that this part completes @throws MillraceError `RESPONSE_TRUNCATED` for a part that does not follow */
  add({ rows, data, firstRow, part, parts }: BatchPart): ArrowBatch | undefined {
    if (part !== this.#parts.length) throw outOfOrder("part", this.#parts.length, part);
    if (firstRow !== undefined && firstRow !== this.#rows) throw outOfOrder("row", this.#rows, firstRow);
    this.#parts.push(data);
    if (this.#parts.length < parts) return undefined;
    const bytes = parts <= 1 ? data : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#rows += rows;
    return { rows, bytes };
  }

  /** @throws MillraceError `RESPONSE_TRUNCATED` when parts are missing at the end */
  end(): void {
    if (this.#parts.length > 0) throw outOfOrder("part", this.#parts.length, "the end");
  }
}

function outOfOrder(what: string, expected: number, got: number | string): MillraceError {
  return new MillraceError(
    "RESPONSE_TRUNCATED",
    `expected ${what} \`${expected}\` of a result of Spark, got: \`${got}\``,
    { hint: "look whether a proxy between here and Spark changes or repeats messages" },
  );
}
