import { expect, test } from "vitest";
import { MillraceError } from "../../../core/errors/errors.ts";
import { bridgePlan, pythonIn } from "./python-bridge.ts";

test("the plan has a function of Python in a pickle of text, and the numbers of the tasks", () => {
  const plan = bridgePlan({ files: ["a/b.mjs"], command: ["node", "Zm9v", "map-1"], tasks: 3, python: "3.12" });
  const text = Buffer.from(plan).toString("latin1");
  expect(text).toContain("select id from range(0, 3, 1, 3)");
  const [, pickle = ""] = /(\(cbuiltins[^]*tRNt\.)/.exec(text) ?? [];
  expect(pickle.split("\n").map((line) => line.slice(0, 41))).toEqual([
    "(cbuiltins",
    "eval",
    '(V(lambda names: (exec("\\ndef run(batches',
    "tRNt.",
  ]);
  expect(pickle).toContain('{"files":["a/b.mjs"],"command":["node","Zm9v","map-1"]}');
  expect(text).toMatch(/3\.12$/);
});

test("the version of Python that executors have is in what they refuse another one with", () => {
  const refused = new Error(
    "[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.12 than that in driver: 3.11",
  );
  expect(pythonIn(new MillraceError("SQL_FAILED", "spark: an exception was thrown", { cause: refused }))).toBe("3.12");
  expect(pythonIn(new Error("no Python: 3.12"))).toBeUndefined();
});
