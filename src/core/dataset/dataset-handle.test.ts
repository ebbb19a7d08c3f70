import { expect, test } from "vitest";
import { dataset, isDataset, listExternal, toDatasetName } from "./dataset-handle.ts";

test("a handle stands for its name, and says whether the project publishes it", () => {
  const orders = dataset("orders");
  const rates = dataset("rates", { external: true });
  expect([orders.name satisfies "orders", orders.isExternal, rates.isExternal]).toEqual(["orders", false, true]);
  expect([orders, "x"].map(toDatasetName)).toEqual(["orders", "x"]);
  expect(listExternal([orders, rates, "x"])).toEqual(["rates"]);
  expect([isDataset(orders), isDataset({ ...orders }), isDataset("orders"), isDataset(null)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test.each<[string, object, string]>([
  ["Orders", {}, "expected a dataset name of lower case letters"],
  ["orders", { extern: true }, "unknown option `extern` of dataset `orders`, did you mean `external`?"],
  ["orders", { external: "yes" }, "expected `external` of dataset `orders` to be true or false, got: `yes`"],
])("a handle of %j with %j is refused", (name, options, message) => {
  expect(() => dataset(name, options)).toThrowError(message);
});
