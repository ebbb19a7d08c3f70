// Instants as clocks of a zone show them, for columns without a zone. Where clocks go back they show an hour twice, and what they show
// does not say on which side of an instant within that hour a row is.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatInstant, offsetMicros, toMicros } from "../../core/schedule/instant-format.ts";

/** A column without a zone. */
export interface LocalColumn {
  readonly dataset: string;
  readonly name: string;
  /** Whose clocks it shows. */
  readonly timezone: string;
}

/** @throws MillraceError `PARAMS_INVALID` for an instant that rows before and after it are not told apart by */
export function printLocal(instant: string, column: LocalColumn): string {
  const micros = toMicros(instant);
  const text = String(formatInstant(micros, "yyyy-MM-dd HH:mm:ss.SSSSSS", column.timezone));
  if (isRepeated(micros, column.timezone)) throw repeated(instant, text, column);
  return text;
}

/** Longer than clocks go back anywhere, and shorter than the time between two changes. */
const reach = 4n * 3_600_000_000n;

/** The beginning of the time that clocks show twice is exact: all that comes later shows that or more, and what came before less. */
function isRepeated(micros: bigint, timezone: string): boolean {
  const offset = offsetMicros(micros, timezone);
  const back = offsetMicros(micros - reach, timezone) - offset;
  if (back > 0n && offsetMicros(micros - back, timezone) === offset + back) return true;
  const ahead = offset - offsetMicros(micros + reach, timezone);
  return ahead > 0n && offsetMicros(micros + ahead - 1n, timezone) === offset - ahead;
}

function repeated(instant: string, text: string, { dataset, name, timezone }: LocalColumn): MillraceError {
  const message = `what the run covers begins or ends at \`${instant}\`, within the time that clocks in \`${timezone}\` show twice, as they go back then, and column \`${name}\` of dataset \`${dataset}\` has no zone: \`${text}\` does not say which rows are replaced`;
  return new MillraceError("PARAMS_INVALID", message, {
    hint: 'make the column a TIMESTAMP WITH TIME ZONE in the query, or take whole days (`granularity: "day"` or `partial: false` of a watermark); what is read up to now can wait until that time is over',
  });
}
