import { expect, test } from "vitest";
import { isDataAddress, joinAddress, parseDataAddress } from "./data-address.ts";

test.each([
  ["s3://lake/a/b.parquet", { kind: "bucket", bucket: "lake", key: "a/b.parquet" }],
  ["s3a://my-lake.eu/t", { kind: "bucket", bucket: "my-lake.eu", key: "t" }],
  ["S3N://lake/t/", { kind: "bucket", bucket: "lake", key: "t" }],
  ["s3://lake", { kind: "bucket", bucket: "lake", key: "" }],
  ["s3://lake/a b+%20/*.csv", { kind: "bucket", bucket: "lake", key: "a b+%20/*.csv" }],
  ["s3://lake/day={{params.day}}/x.csv", { kind: "bucket", bucket: "lake", key: "day={{params.day}}/x.csv" }],
  ["file:///data/a%20b.csv", { kind: "file", path: "/data/a b.csv" }],
  ["file:/data/a.csv", { kind: "file", path: "/data/a.csv" }],
  ["file://localhost/data", { kind: "file", path: "/data" }],
  ["file:///C:/data", { kind: "file", path: "C:/data" }],
])("%s leads to %j", (text, address) => {
  expect(parseDataAddress(text)).toEqual(address);
});

test.each(["lake/orders", "/abs/s3://x", "C:\\data", "s3:x", "file:x", "{{params.files}}", "a://b".slice(1)])(
  "%s is a path",
  (text) => {
    expect([isDataAddress(text), parseDataAddress(text)]).toEqual([false, undefined]);
  },
);

test.each([
  ["gs://lake/a", "`s3://…`"],
  ["hdfs://node/a", "`s3://…`"],
  ["s3:///a", "name of a bucket"],
  ["s3://a_b c/x", "name of a bucket"],
  ["s3://lake/a/../b", "`..`"],
  ["file://host/share", "absolute path"],
  ["file:///a%zz", "`%`"],
])("%s is refused", (text, expected) => {
  expect(() => parseDataAddress(text)).toThrow(expected);
});

test("names are added behind an address or a path", () => {
  expect([joinAddress("s3://lake/t/", "x"), joinAddress("/lake", "x")]).toEqual(["s3://lake/t/x", "/lake/x"]);
});
