// Where the settings say that Spark and this machine meet.
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { lendPlaces } from "../../../tests/support/files/lent-places.ts";
import { createSystemClock } from "../../platforms/local/system-clock.ts";
import { type ClusterParts, sharedPlaceOf } from "./cluster-of.ts";

lendPlaces();

function partsOf(lake: string, folder?: string): ClusterParts {
  return {
    root: "/project",
    lake,
    compute: { connect: "sc://spark", ...(folder === undefined ? {} : { folder }) },
    environment: { readVariable: () => undefined },
    clock: createSystemClock(),
    onSecret: () => undefined,
  };
}

test.each([
  ["/mnt/lake", undefined, { folder: "/mnt/lake/.millrace-spark" }],
  ["/mnt/lake", "shared", { folder: "/project/shared" }],
  ["/mnt/lake", "/mnt/shared", { folder: "/mnt/shared" }],
  ["s3://lake/gold", "file:///mnt/shared", { folder: "/mnt/shared" }],
  [
    "s3://lake/gold",
    undefined,
    { connection: "lake", key: "gold/.millrace-spark", address: "s3a://lake/gold/.millrace-spark" },
  ],
  ["s3://lake", undefined, { connection: "lake", key: ".millrace-spark", address: "s3a://lake/.millrace-spark" }],
  ["/mnt/lake", "s3a://lake/spark/", { connection: "lake", key: "spark", address: "s3a://lake/spark" }],
  ["/mnt/lake", "s3://lake/spark", { connection: "lake", key: "spark", address: "s3://lake/spark" }],
])("a lake at %s with the folder %s is shared as it says", (lake, folder, expected) => {
  expect(sharedPlaceOf(partsOf(lake, folder))).toEqual(expected);
});

test("an address that leads nowhere is refused", async () => {
  const look = async (folder: string) =>
    await Promise.resolve().then(() => sharedPlaceOf(partsOf("/mnt/lake", folder)));
  expect((await expectFailure(look("abfss://lake/spark"))).code).toBe("VALUE_INVALID");
});
