import { expect, test } from "vitest";
import { MillraceError } from "../errors/errors.ts";
import { describeFailedUnits, messageOfUnit } from "./failed-units.ts";

const failedAt = (key: string) => new MillraceError("SOURCE_UNREADABLE", `unit \`${key}\`, page 2: broken`);

test("a unit that failed is named once", () => {
  expect(messageOfUnit("a", failedAt("a"))).toBe("page 2: broken");
  expect(messageOfUnit("b", failedAt("a"))).toBe("unit `a`, page 2: broken");
  expect(describeFailedUnits([{ key: "a", status: "failed", rows: 0, error: failedAt("a") }])).toEqual([
    "unit `a` failed: page 2: broken",
  ]);
});

test("of a thousand failures some are told, with how many more there are", () => {
  const outcomes = Array.from({ length: 1_000 }, (_, index) => {
    return { key: String(index), status: "failed", rows: 0, error: failedAt(String(index)) } as const;
  });
  const told = describeFailedUnits([{ key: "ok", status: "read", rows: 1 }, ...outcomes]);
  expect([told.length, told.at(-2), told.at(-1)]).toEqual([
    21,
    "unit `19` failed: page 2: broken",
    "980 more units failed",
  ]);
  expect(describeFailedUnits(outcomes.slice(0, 21)).at(-1)).toBe("1 more unit failed");
});
