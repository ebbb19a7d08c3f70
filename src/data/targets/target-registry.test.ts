import { expect, test } from "vitest";
import { findTargetFormat, targetFormats } from "./target-registry.ts";
import * as formats from "./targets.ts";

test("each format goes by the name of its line in the list, which types and outputs know it by", () => {
  expect(targetFormats.map(({ name }) => name)).toEqual(Object.keys(formats));
});

test("exactly one format is that of datasets that name none", () => {
  expect(targetFormats.filter(({ abilities }) => abilities.isDefault)).toHaveLength(1);
});

test("a format that is not known is refused with the closest one", () => {
  expect(() => findTargetFormat("parqet")).toThrow("unknown format of a table: `parqet`, did you mean `parquet`?");
});
