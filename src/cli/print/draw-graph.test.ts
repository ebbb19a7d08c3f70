import fc from "fast-check";
import { expect, test } from "vitest";
import { drawGraph } from "./draw-graph.ts";
import { type DrawnJob, placeBoxes } from "./place-boxes.ts";

function draw(edges: Readonly<Record<string, readonly string[]>>): string {
  const jobs = Object.entries(edges).map(([name, dependsOn]) => job(name, dependsOn));
  return drawGraph(placeBoxes(jobs, nameOf), nameOf).join("\n");
}

function job(name: string, dependsOn: readonly string[] = []): DrawnJob {
  return { job_name: name, layer: null, depends_on: dependsOn.map((from) => ({ job_name: from, because: null })) };
}

function nameOf({ job_name: name }: DrawnJob): string {
  return name;
}

test("a job that feeds two, which meet again", () => {
  expect(draw({ a: [], left: ["a"], right: ["a"], end: ["left", "right"] })).toBe(
    `
┌───┐
│ a │
└─┬─┘
  │
  ├─────────┐
  ▼         ▼
┌──────┐  ┌───────┐
│ left │  │ right │
└─┬────┘  └─┬─────┘
  │         │
  ├─────────┘
  ▼
┌─────┐
│ end │
└─────┘`.trim(),
  );
});

test("a line to a lower row passes beside the boxes between", () => {
  expect(draw({ a: [], b: ["a"], other: [], early: ["other"], c: ["b", "other"] })).toBe(
    `
┌───┐  ┌───────┐
│ a │  │ other │
└─┬─┘  └─┬─────┘
  │      │
  │      ├──────────┐
  ▼      ▼          │
┌───┐  ┌───────┐    │
│ b │  │ early │    │
└─┬─┘  └───────┘    │
  │                 │
  ├─────────────────┘
  ▼
┌───┐
│ c │
└───┘`.trim(),
  );
});

test("a job without dependencies stands just above the first that needs it", () => {
  expect(draw({ a: [], b: ["a"], other: [], c: ["b", "other"] })).toBe(
    `
┌───┐
│ a │
└─┬─┘
  │
  ▼
┌───┐  ┌───────┐
│ b │  │ other │
└─┬─┘  └─┬─────┘
  │      │
  ├──────┘
  ▼
┌───┐
│ c │
└───┘`.trim(),
  );
});

test("jobs that both feed both get columns of their own", () => {
  expect(draw({ alpha: [], beta: [], gamma: ["alpha", "beta"], delta: ["alpha", "beta"] })).toBe(
    `
┌───────┐  ┌──────┐
│ alpha │  │ beta │
└─┬─────┘  └─┬────┘
  │          │
  └─┬────────┼─┐
    ├────────┴─┤
    ▼          ▼
┌───────┐  ┌───────┐
│ gamma │  │ delta │
└───────┘  └───────┘`.trim(),
  );
});

test("a dependency that a longer path implies is told, not drawn", () => {
  const jobs = [job("a"), job("b", ["a"]), job("c", ["a", "b"])];
  expect(placeBoxes(jobs, nameOf).implied).toEqual([{ from: "a", to: "c", dataset: null }]);
});

test("every job of any graph is drawn once, within the width of the layout", () => {
  const edges = fc.array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(edges, (upstream) => {
      const jobs = upstream.map((from, index) => {
        const before = [...new Set(from)].filter((other) => other < index);
        return job(
          `job_${index}_`,
          before.map((other) => `job_${other}_`),
        );
      });
      const layout = placeBoxes(jobs, nameOf);
      const lines = drawGraph(layout, nameOf);
      const text = lines.join("\n");
      for (const each of jobs) expect(text.split(`│ ${nameOf(each)} │`)).toHaveLength(2);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(layout.width);
      const arrows = text.split("▼").length - 1;
      expect(arrows).toBe(jobs.filter(({ depends_on: dependsOn }) => dependsOn.length > 0).length);
    }),
  );
});
