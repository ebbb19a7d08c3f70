import fc from "fast-check";
import { expect, test } from "vitest";
import { defineJob, type Job } from "../../core/job/job.ts";
import { JobPipeline } from "../../core/job/pipeline.ts";
import { drawGraph } from "./draw-graph.ts";
import { placeBoxes } from "./place-boxes.ts";

function draw(edges: Readonly<Record<string, readonly string[]>>): string {
  const pipeline = new JobPipeline<string>("p");
  for (const [name, dependsOn] of Object.entries(edges)) pipeline.addJob(job(name), { dependsOn });
  return drawGraph(placeBoxes(pipeline.nodes(), nameOf), nameOf).join("\n");
}

function job(name: string): Job {
  return defineJob({ name, execute: () => undefined });
}

function nameOf({ name }: Job): string {
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
  const pipeline = new JobPipeline("p")
    .addJob(job("a"))
    .addJob(job("b"), { dependsOn: ["a"] })
    .addJob(job("c"), { dependsOn: ["a", "b"] });
  expect(placeBoxes(pipeline.nodes(), nameOf).implied).toEqual([{ from: "a", to: "c", dataset: undefined }]);
});

test("every job of any graph is drawn once, within the width of the layout", () => {
  const edges = fc.array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(edges, (upstream) => {
      const pipeline = new JobPipeline<string>("p");
      for (const [index, from] of upstream.entries()) {
        const dependsOn = [...new Set(from)].filter((other) => other < index).map((other) => `job_${other}_`);
        pipeline.addJob(job(`job_${index}_`), { dependsOn });
      }
      const layout = placeBoxes(pipeline.nodes(), nameOf);
      const lines = drawGraph(layout, nameOf);
      const text = lines.join("\n");
      for (const { job: each } of pipeline.nodes()) expect(text.split(`│ ${each.name} │`)).toHaveLength(2);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(layout.width);
      const arrows = text.split("▼").length - 1;
      expect(arrows).toBe(pipeline.nodes().filter(({ dependsOn }) => dependsOn.length > 0).length);
    }),
  );
});
