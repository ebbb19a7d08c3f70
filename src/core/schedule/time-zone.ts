// Time zones from the rules that the runtime has (Intl): the offset at an instant, and the instants at which it changes.
import { MillraceError } from "../errors/errors.ts";
import { suggest } from "../errors/suggest.ts";

export interface TimeZone {
  readonly name: string;
  /** Local time minus UTC, in milliseconds. */
  offsetMs(atMs: number): number;
  /** The last change of the offset at or before `atMs`, of those less than two days before. */
  recentTransition(atMs: number): Transition | undefined;
  /** The first change of the offset after `afterMs` and at or before `untilMs`. */
  nextTransition(afterMs: number, untilMs: number): Transition | undefined;
}

/** From `atMs` on the offset is `toMs`; before it was `fromMs`. Clocks go forward when `toMs` is greater. */
export interface Transition {
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** @throws MillraceError `VALUE_INVALID` for a zone the runtime does not know, with the nearest that it knows */
export function parseTimeZone(name: string): TimeZone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = createTimeZone(name, createFormat(name));
    zones.set(name, zone);
  }
  return zone;
}

// There are some 600 names, so the cache has an end.
const zones = new Map<string, TimeZone>();

const dayMs = 86_400_000;

function createTimeZone(name: string, format: Intl.DateTimeFormat): TimeZone {
  const readOffsetMs = (atMs: number): number => localMs(format, atMs) - Math.floor(atMs / 1_000) * 1_000;
  const years = new Map<number, Year>();
  const readYear = (year: number): Year => {
    let found = years.get(year);
    if (found === undefined) {
      const fromMs = Date.UTC(year, 0, 1);
      const transitions = findTransitions(readOffsetMs, fromMs, Date.UTC(year + 1, 0, 1));
      found = { firstMs: readOffsetMs(fromMs - 1), transitions };
      years.set(year, found);
    }
    return found;
  };
  const inYear = (year: number): readonly Transition[] => readYear(year).transitions;
  return {
    name,
    // Asking the runtime takes some 10 µs, and calendars ask for thousands of instants of the same year.
    offsetMs: (atMs) => {
      const { firstMs, transitions } = readYear(yearOf(atMs));
      return transitions.findLast((change) => change.atMs <= atMs)?.toMs ?? firstMs;
    },
    recentTransition: (atMs) => {
      const sinceMs = atMs - 2 * dayMs;
      const candidates = new Set([yearOf(sinceMs), yearOf(atMs)]);
      return [...candidates].flatMap(inYear).findLast((change) => change.atMs <= atMs && change.atMs > sinceMs);
    },
    nextTransition: (afterMs, untilMs) => {
      for (let year = yearOf(afterMs); year <= yearOf(untilMs); year += 1) {
        const found = inYear(year).find(({ atMs }) => atMs > afterMs);
        if (found !== undefined) return found.atMs <= untilMs ? found : undefined;
      }
      return undefined;
    },
  };
}

interface Year {
  /** Offset before its first transition. */
  readonly firstMs: number;
  readonly transitions: readonly Transition[];
}

function yearOf(atMs: number): number {
  return new Date(atMs).getUTCFullYear();
}

// No zone has changed twice within a day and ended where it was.
function findTransitions(offsetMs: (atMs: number) => number, fromMs: number, untilMs: number): Transition[] {
  const found: Transition[] = [];
  let before = offsetMs(fromMs - 1);
  for (let lowMs = fromMs - 1; lowMs < untilMs - 1;) {
    const highMs = Math.min(lowMs + dayMs, untilMs - 1);
    const after = offsetMs(highMs);
    if (after !== before) found.push({ atMs: bisect(offsetMs, lowMs, highMs), fromMs: before, toMs: after });
    before = after;
    lowMs = highMs;
  }
  return found;
}

// The first millisecond with the offset of `highMs`.
function bisect(offsetMs: (atMs: number) => number, lowMs: number, highMs: number): number {
  const after = offsetMs(highMs);
  let [low, high] = [lowMs, highMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(middle) === after) high = middle;
    else low = middle;
  }
  return high;
}

function localMs(format: Intl.DateTimeFormat, atMs: number): number {
  const fields: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(atMs)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function createFormat(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    const known = ["UTC", ...Intl.supportedValuesOf("timeZone")];
    const city = known.find((zone) => zone.toLowerCase().endsWith(`/${name.toLowerCase()}`));
    const nearest = city === undefined ? suggest(name, known) : `, did you mean \`${city}\`?`;
    throw new MillraceError("VALUE_INVALID", `unknown time zone \`${name}\`${nearest}`, {
      cause,
      hint: "use a name of the IANA time zone database, for example `Europe/Berlin` or `UTC`",
    });
  }
}
