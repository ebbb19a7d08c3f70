import { expect, test } from "vitest";
import { reduceEdges } from "./reduce-edges.ts";

test("an edge beside a longer path is implied, whatever that path's length", () => {
  const edges = ["a b", "b c", "c d", "a d", "a c", "x d"].map((pair) => {
    const [from = "", to = ""] = pair.split(" ");
    return { from, to, pair };
  });
  const { direct, implied } = reduceEdges(["a", "x", "b", "c", "d"], edges);
  expect(direct.map(({ pair }) => pair)).toEqual(["a b", "b c", "c d", "x d"]);
  expect(implied.map(({ pair }) => pair)).toEqual(["a d", "a c"]);
});
