import { expect, test } from "vitest";
import { type CapabilityNeed, capabilityNames, assertCapable, toCapabilities } from "./capabilities.ts";
import { defineJob } from "./job.ts";

const nothing = { spark: false, catalogue: false, objectStore: false, kafka: false };
const needOf: Readonly<Record<string, CapabilityNeed | undefined>> = {
  "no need": undefined,
  "a need": true,
  "a fallback": { fallback: "duckdb" },
};

const matrix = capabilityNames.flatMap((name) =>
  Object.keys(needOf).flatMap((need) => [true, false].map((isThere) => [name, need, isThere] as const)),
);

test.each(matrix)("%s with %s, there: %s", (name, need, isThere) => {
  const declared = needOf[need];
  const needs = declared === undefined ? {} : { [name]: declared };
  const available = { ...nothing, [name]: isThere };
  const start = (): void => assertCapable({ name: "load", needs }, available);
  if (need === "a need" && !isThere) {
    expect(start).toThrow(
      expect.objectContaining({
        code: "CAPABILITY_MISSING",
        disposition: "fail",
        message: `job \`load\` needs \`${name}\`, which this place does not have`,
      }) as Error,
    );
  } else expect(start).not.toThrow();
  const fallback = need === "a fallback" && !isThere ? "duckdb" : undefined;
  expect(toCapabilities(needs, available)[name]).toEqual({ isAvailable: isThere, fallback });
});

test("all that is missing is named at once", () => {
  const needs = { spark: true, kafka: true, objectStore: { fallback: "files" } } as const;
  expect(() => assertCapable({ name: "load", needs }, nothing)).toThrow("needs `spark` and `kafka`, which");
});

test.each([
  [{ sprak: true }, "unknown option `sprak` of `needs` of job `load`, did you mean `spark`?"],
  [{ spark: false }, "expected `spark` of `needs` of job `load` to be `true`, or an object with a `fallback`"],
  [{ spark: { fallback: "" } }, "expected `fallback` of `needs.spark` of job `load` to be a text that is not empty"],
])("needs of %j are refused", (needs, message) => {
  const define = (): unknown => defineJob({ name: "load", needs: needs as object, execute: () => undefined });
  expect(define).toThrow(expect.objectContaining({ code: "JOB_INVALID" }) as Error);
  expect(define).toThrow(message);
});
