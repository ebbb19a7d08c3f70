import { expect, test } from "vitest";
import { z } from "zod";
import { defineJob } from "../../core/job/job.ts";
import { findUndeclaredParams } from "./find-undeclared-params.ts";

const load = defineJob({ name: "load", params: z.object({ days: z.number().optional() }), execute: () => undefined });
const open = defineJob({ name: "open", execute: () => undefined });

test("a param that no job declares is named with the closest one that is", () => {
  expect(findUndeclaredParams([load, open], ["days", "dais"])).toEqual([
    "no job of this run declares the param `dais`, did you mean `days`?",
  ]);
});

test("jobs that declare no params take any", () => {
  expect(findUndeclaredParams([open], ["anything"])).toEqual([]);
});
