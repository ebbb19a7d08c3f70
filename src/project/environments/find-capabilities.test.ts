import { expect, test } from "vitest";
import { findCapabilities } from "./find-capabilities.ts";

const bucket = { lake: { s3: { bucket: "lake" } } };
const nothing = { spark: false, catalogue: false, objectStore: false, kafka: false };

test.each([
  [{ connections: {} }, false, nothing],
  [{ connections: {} }, true, { ...nothing, spark: true }],
  [{ connections: bucket }, false, { ...nothing, objectStore: true }],
  [{ connections: bucket, capabilities: { spark: false, objectStore: false } }, true, nothing],
  [
    { connections: {}, capabilities: { catalogue: true, kafka: true } },
    false,
    { ...nothing, catalogue: true, kafka: true },
  ],
])("with the settings %j and Spark: %s, a place has %j", (settings, hasSpark, found) => {
  expect(findCapabilities(settings, { hasSpark })).toEqual(found);
});
