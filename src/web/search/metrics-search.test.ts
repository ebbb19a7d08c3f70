// The range of the metrics in the address.
import { expect, it } from "vitest";
import { boundsOf, parseMetricsSearch } from "./metrics-search.ts";

const nowMs = Date.parse("2026-03-02T10:00:42.500Z");

it("counts a range up to the minute, and a day without one", () => {
  expect(boundsOf({ range: "1h" }, nowMs)).toEqual({ since: "2026-03-02T09:00:00.000Z" });
  expect(boundsOf({}, nowMs)).toEqual({ since: "2026-03-01T10:00:00.000Z" });
});

it("takes instants of the address, and leaves out what is none", () => {
  const search = parseMetricsSearch({ since: "2026-03-01", until: "never", range: "2y", as: "song" });
  expect(search).toEqual({ since: "2026-03-01T00:00:00.000Z" });
  expect(boundsOf({ ...search, until: "2026-03-02T00:00:00.000Z" }, nowMs)).toEqual({
    since: "2026-03-01T00:00:00.000Z",
    until: "2026-03-02T00:00:00.000Z",
  });
});
