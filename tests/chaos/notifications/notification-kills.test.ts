// A sample of `npm run notification-kills`.
import { expect, test } from "vitest";
import { createRandom } from "../faults/random.ts";
import { killNotifying } from "./notification-kills.ts";

test("kills lose no message, and one comes again only when its acknowledgement was not recorded, with the same id", async () => {
  const report = await killNotifying(3, createRandom(1));
  expect(report.findings).toEqual([]);
  expect(report.kills).toEqual({ request: 1, acknowledged: 1, any: 1 });
  expect(report.lost).toBe(0);
  expect(report.messages).toBeGreaterThan(0);
  expect(report.repeated).toBe(report.unrecorded);
});
