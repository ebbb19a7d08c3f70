import { expect, test } from "vitest";
import { toExactLocation, toLocation } from "./to-location.ts";

test("a table in the project is shown by its place there, one outside by its name, and whole to who deletes it", () => {
  const inside = { format: "delta", path: "/srv/shop/lake/orders", version: 1 } as const;
  const outside = { format: "delta", path: "/srv/other/lake/orders", version: 1 } as const;
  expect(toLocation("/srv/shop", inside).path).toBe("lake/orders");
  expect(toExactLocation("/srv/shop", inside).path).toBe("lake/orders");
  expect(toLocation("/srv/shop", outside).path).toBe("orders");
  expect(toExactLocation("/srv/shop", outside).path).toBe("/srv/other/lake/orders");
});
