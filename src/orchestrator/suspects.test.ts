import { expect, test } from "vitest";
import { careFor } from "./suspects.ts";

test("a run that lost no worker executes with the others, whatever its job can have", () => {
  expect([careFor({ losses: 0 }, true), careFor({ losses: 0 }, false)]).toEqual(["together", "together"]);
});

test("from its first loss on a run has a process of its own, and where there is none its worker for itself", () => {
  for (let losses = 1; losses < 200; losses += 1) {
    expect(careFor({ losses }, true)).toBe(losses < 5 ? "apart" : "alone");
    expect(careFor({ losses }, false)).toBe("alone");
  }
});
