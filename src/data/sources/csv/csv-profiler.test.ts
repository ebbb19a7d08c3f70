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
  [["1", "-22.5", "0.1250"], { lowest: -99n, highest: 1n, scale: 4, digitsBehind: 3, isDouble: true }],
  [["9223372036854775807", "-9223372036854775808"], { lowest: -(2n ** 63n), highest: 2n ** 63n - 1n, isDouble: false }],
  [["123456789012345.50", "10000000000000000000000"], { digitsBehind: 1, isDouble: true }],
  [["0.1234567890123456789"], { isDouble: false, scale: 19 }],
  [["1.00", "20", "7"], { lowest: 0n, highest: 99n, scale: 2, digitsBehind: 0 }],
])("of the numbers %j it is known how many digits they have", (texts, known) => {
  expect(profileOf(texts)).toMatchObject({ kind: "number", ...known });
});

test("the lowest and the highest of numbers are known, as near as types can tell, in whatever order they come", () => {
  const ends = [7n, 8n, 15n, 16n, 31n, 32n, 63n, 64n, 127n, 128n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits]);
  const powers = Array.from({ length: 42 }, (_, digits) => 10n ** BigInt(digits));
  const limits = [...ends, ...powers];
  const near = fc.tuple(fc.constantFrom(...limits), fc.constantFrom(-1n, 0n, 1n)).map(([limit, by]) => limit + by);
  const signed = fc.tuple(near, fc.constantFrom(1n, -1n)).map(([number, sign]) => number * sign);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(signed, fc.bigInt({ min: -(10n ** 41n), max: 10n ** 41n })), { maxLength: 8 }),
      (values) => {
        const { lowest, highest } = profileOf(values.map(String));
        const isWithin = (limit: bigint): boolean => values.every((value) => value < limit);
        const isAbove = (limit: bigint): boolean => values.every((value) => -value < limit);
        // a type has the numbers below a limit, and those above minus one behind it
        for (const limit of limits) expect([limit, highest < limit]).toEqual([limit, isWithin(limit)]);
        for (const limit of limits) expect([limit, -lowest < limit]).toEqual([limit, isAbove(limit)]);
        for (const limit of ends) expect([limit, -lowest <= limit]).toEqual([limit, isAbove(limit + 1n)]);
      },
    ),
    { numRuns: 500 },
  );
});
