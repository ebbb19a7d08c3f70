// Days as spreadsheets count them, and the formats that show numbers as such.
// @see ECMA-376 part 1, sections 18.8.30 and 18.17.4
import { printDay, printInstant, printTime } from "../typed/value-text.ts";
import type { NumberForm } from "./cell.ts";

const dayMs = 86_400_000;

/** The day of a whole number of days; `undefined` for what is no day, such as 29 February 1900, which spreadsheets know. */
export function toDay(serial: number, is1904: boolean): string | undefined {
  const days = toDays(serial, is1904);
  return days === undefined || !Number.isInteger(serial) ? undefined : printDay(days);
}

/** A day with its time, to the millisecond. */
export function toTimestamp(serial: number, is1904: boolean): string | undefined {
  const milliseconds = Math.round((serial - Math.floor(serial)) * dayMs);
  const days = toDays(Math.floor(serial), is1904);
  return days === undefined ? undefined : printInstant(BigInt(days * dayMs + milliseconds), 3);
}

/** A time of day, to the millisecond. */
export function toTime(serial: number): string | undefined {
  const milliseconds = Math.round(serial * dayMs);
  return serial < 0 || milliseconds >= dayMs ? undefined : printTime(BigInt(milliseconds), 3);
}

export function toMilliseconds(serial: number): number {
  return Math.round(serial * dayMs);
}

/** Days since 1970. */
function toDays(day: number, is1904: boolean): number | undefined {
  if (is1904) return day < 0 || day > lastDay ? undefined : day - 24_107;
  // the first spreadsheets took 1900 for a leap year
  if (day < 1 || day === 60 || day > lastDay) return undefined;
  return day - (day < 60 ? 25_568 : 25_569);
}

/** 9999-12-31. */
const lastDay = 2_958_465;

/** What a number is shown as. @param code such as `yyyy\-mm\-dd;@` */
export function formOfFormat(code: string): NumberForm {
  const [first = ""] = code.split(";");
  // texts, characters that stand for themselves, colours, conditions and places
  const bare = first
    .replaceAll(/"[^"]*"|[\\_*]./g, "")
    .replaceAll(/\[(?![hms]+\])[^\]]*\]/gi, "")
    .toLowerCase();
  if (/\[[hms]+\]/.test(bare)) return "duration";
  if (/^general$|[#0?]/.test(bare.replaceAll(/s+[.,]0+/g, "s"))) return "number";
  const hasDay = /[ydgeb]/.test(bare.replaceAll(/am\/pm|a\/p/g, "")) || (/m/.test(bare) && !/[hs]/.test(bare));
  const hasTime = /[hs]/.test(bare);
  if (!hasDay && !hasTime) return "number";
  return hasDay && hasTime ? "timestamp" : hasDay ? "date" : "time";
}

/** Formats that files name by number alone. */
export function formOfBuiltIn(id: number): NumberForm {
  if (id === 22) return "timestamp";
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || (id >= 50 && id <= 58) || id === 36) return "date";
  if (id === 46) return "duration";
  if ((id >= 18 && id <= 21) || id === 45 || id === 47 || (id >= 32 && id <= 35)) return "time";
  return "number";
}
