import { expect, test } from "vitest";
import { findFront, findRelated } from "./focus-graph.ts";

const diamond = [
  { from: "load", to: "left" },
  { from: "load", to: "right" },
  { from: "left", to: "report" },
  { from: "right", to: "report" },
  { from: "other", to: "elsewhere" },
];

test("what a node needs and what needs it are found over several edges", () => {
  const { upstream, downstream } = findRelated(diamond, "left");
  expect([...upstream]).toEqual(["load"]);
  expect([...downstream]).toEqual(["report"]);
  expect([...findRelated(diamond, "report").upstream].toSorted()).toEqual(["left", "load", "right"]);
});

test("a cycle is followed once", () => {
  const edges = [
    { from: "a", to: "b" },
    { from: "b", to: "a" },
  ];
  expect(findRelated(edges, "a")).toEqual({ upstream: new Set(["b"]), downstream: new Set(["b"]) });
});

test("the front is what executes, then what failed by itself, then what may start", () => {
  const done = { id: "a", state: "FINISHED", reason: null } as const;
  const failed = { id: "b", state: "ERROR", reason: "failed" } as const;
  const dragged = { id: "c", state: "ERROR", reason: "upstream_failed" } as const;
  const running = { id: "d", state: "RUNNING", reason: null } as const;
  const waiting = { id: "e", state: "PENDING", reason: "waiting_upstream" } as const;
  const free = { id: "f", state: "PENDING", reason: null } as const;
  expect(findFront([done, failed, dragged, running, waiting, free])).toEqual(["d"]);
  expect(findFront([done, failed, dragged, waiting, free])).toEqual(["b"]);
  expect(findFront([done, waiting, free])).toEqual(["f"]);
  expect(findFront([done])).toEqual([]);
});
