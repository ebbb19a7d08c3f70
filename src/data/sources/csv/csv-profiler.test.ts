import fc from "fast-check";
import { expect, test } from "vitest";
import { joinProfiles, type TextKind, type TextProfile } from "./csv-profile.ts";
import { CsvProfiler } from "./csv-profiler.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function profileOf(texts: readonly string[]): TextProfile {
  const profiler = new CsvProfiler([bytes("NA")], true);
  for (const text of texts) {
    // other bytes around a value are none of its
    const around = bytes(`7${text}9`);
    if (!profiler.take(around, 1, around.length - 1)) break;
  }
  return profiler.profile;
}

/** The same rules, written as they are read. */
function kindOf(text: string): TextKind | undefined {
  if (text === "" || text === "NA") return undefined;
  if (/^(true|false)$/.test(text)) return "boolean";
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) && !/^-[0.]+$/.test(text)) return "number";
  const [, day, rest] = /^(\d{4}-\d\d-\d\d)(.*)$/.exec(text) ?? [];
  if (day === undefined || rest === undefined || !isOfCalendar(day)) return "text";
  if (rest === "") return "date";
  const time = /^[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|\+00:00)?$/;
  return time.test(rest) && !day.startsWith("0") ? "timestamp" : "text";
}

function isOfCalendar(day: string): boolean {
  const instant = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day) && !day.startsWith("0000");
}

const nearly = fc
  .tuple(
    fc.constantFrom(
      "true",
      "false",
      "0",
      "-1",
      "12.50",
      "-0.5",
      "123456789012345678",
      "2026-02-28",
      "2000-02-29",
      "1900-02-28",
      "2026-01-31 23:59:59",
      "2026-12-01T00:00:00.123456Z",
      "2024-02-29T10:00:00+00:00",
      "NA",
      "",
    ),
    fc.nat(),
    fc.constantFrom("", "0", "1", "9", "-", "+", ".", ":", "T", "Z", " ", "e", "t"),
    fc.nat({ max: 1 }),
  )
  .map(([text, at, mark, length]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + mark + text.slice(place + length);
  });

test("a text with one character changed is of the kind that the written rules tell", () => {
  fc.assert(
    fc.property(nearly, (text) => {
      expect(profileOf([text]).kind).toBe(kindOf(text));
    }),
    { numRuns: 3000 },
  );
});

test("the values of a column have what each two of them have in common, wherever the column is cut", () => {
  fc.assert(
    fc.property(fc.array(nearly, { maxLength: 6 }), fc.nat(), (texts, at) => {
      const place = at % (texts.length + 1);
      const whole = profileOf(texts);
      const kinds = new Set(texts.flatMap((text) => kindOf(text) ?? []));
      if (kinds.size > 1) expect(whole.kind).toBe("text");
      else if (!kinds.has("timestamp")) expect(whole.kind).toBe([...kinds][0]);
      const joined = joinProfiles([profileOf(texts.slice(0, place)), profileOf(texts.slice(place))]);
      expect(joined).toEqual(whole);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [["1", "-22.5", "0.1250"], { lowest: -22n, highest: 1n, scale: 4, digitsBehind: 3, isDouble: true }],
  [["9223372036854775807", "-9223372036854775808"], { lowest: -(2n ** 63n), highest: 2n ** 63n - 1n, isDouble: false }],
  [["123456789012345.50", "10000000000000000000000"], { digitsBehind: 1, isDouble: true }],
  [["0.1234567890123456789"], { isDouble: false, scale: 19 }],
  [["1.00", "20", "7"], { lowest: 0n, highest: 20n, scale: 2, digitsBehind: 0 }],
])("of the numbers %j it is known how many digits they have", (texts, known) => {
  expect(profileOf(texts)).toMatchObject({ kind: "number", ...known });
});

test("the lowest and the highest of numbers are known in whatever order they come", () => {
  const numbers = fc.array(
    fc.oneof(fc.integer({ min: -120, max: 120 }), fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n })),
  );
  fc.assert(
    fc.property(numbers, (values) => {
      const all = [0n, ...values.map(BigInt)].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      expect(profileOf(values.map(String))).toMatchObject({ lowest: all[0], highest: all.at(-1) });
    }),
    { numRuns: 500 },
  );
});
