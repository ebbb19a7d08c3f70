import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import { defineJob } from "../../core/job/job.ts";
import { createJobRegistry } from "../attempt/job-registry.ts";
import { namePublisher } from "./name-publisher.ts";

const shop = defineJob({ name: "shop_token", outputs: ["token"], execute: () => undefined });
const registry = createJobRegistry([shop]);

function missing(details: Readonly<Record<string, string>>): MillraceError {
  return new MillraceError("DATASET_UNKNOWN", "unknown dataset", { hint: "run the job first", details });
}

test("an error about a dataset that a known job publishes says which one to run", () => {
  const error = namePublisher(missing({ dataset: "token" }), registry);
  expect(error).toMatchObject({ code: "DATASET_UNKNOWN", hint: "`millrace run shop_token` publishes it" });
  expect(error.details).toEqual({ dataset: "token" });
});

test("any other error stays as it is", () => {
  const others = [missing({ dataset: "tokn" }), missing({}), new MillraceError("SOURCE_MISSING", "no file")];
  expect(others.map((error) => namePublisher(error, registry))).toEqual(others);
});
