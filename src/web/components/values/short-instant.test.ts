import { expect, test } from "vitest";
import { shortInstant } from "./short-instant.ts";

test("an instant of a watermark is told in few letters", () => {
  expect(shortInstant("2026-01-03T00:00:00.000Z")).toBe("2026-01-03");
  expect(shortInstant("2026-01-03T06:00:00.000Z")).toBe("2026-01-03 06:00:00");
  expect(shortInstant("2026-01-03T06:00:01.000Z")).toBe("2026-01-03 06:00:01");
  expect(shortInstant("region-7 2026-01-03T00:00:00.000Z")).toBe("region-7 2026-01-03");
  expect(shortInstant("cursor-0042")).toBe("cursor-0042");
});
