// The budgets of the web UI, proved with planted builds.
import { expect, test } from "vitest";
import { budgets, findBudgetViolations, measureBundle, type Manifest } from "../scripts/check-bundle.ts";

const manifest: Manifest = {
  "index.html": { file: "assets/index.js", src: "index.html", isEntry: true, imports: ["_shared.js"] },
  "_shared.js": { file: "assets/shared.js" },
  "_chart.js": { file: "assets/chart.js", imports: ["_shared.js"] },
  "routes/metrics.tsx": {
    file: "assets/metrics.js",
    src: "routes/metrics.tsx",
    isDynamicEntry: true,
    imports: ["_chart.js", "_shared.js"],
  },
};

function sizes(bytes: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(bytes));
}

test("the first load is the entry with all that it imports; a screen adds only what is not there yet", () => {
  const gzipped = sizes({
    "assets/index.js": 10,
    "assets/shared.js": 100,
    "assets/chart.js": 20,
    "assets/metrics.js": 3,
  });
  expect(measureBundle(manifest, gzipped)).toEqual([
    { name: "what every page loads", gzippedBytes: 110, budgetBytes: budgets.initialBytes },
    { name: "routes/metrics.tsx", gzippedBytes: 23, budgetBytes: budgets.routeBytes },
  ]);
});

test("a planted first load over the budget is found, and so is a planted screen", () => {
  const tooMuch = sizes({
    "assets/index.js": 1,
    "assets/shared.js": 130_000,
    "assets/chart.js": 60_000,
    "assets/metrics.js": 1,
  });
  expect(findBudgetViolations(measureBundle(manifest, tooMuch))).toEqual([
    "what every page loads: at most 130000 bytes gz, got: `130001`",
    "routes/metrics.tsx: at most 60000 bytes gz, got: `60001`",
  ]);
});

test("a build that has nothing to measure fails", () => {
  expect(findBudgetViolations(measureBundle({}, new Map()))).toEqual([
    "expected an entry and its screens, got: `0` files",
  ]);
});
