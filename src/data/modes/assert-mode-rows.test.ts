import { describe, expect, test } from "vitest";
import type { Check } from "../../core/dataset/check.ts";
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import type { Source } from "../../core/dataset/source.ts";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { deliversFiles } from "../sources/source-registry.ts";
import { assertModeRows } from "./assert-mode-rows.ts";

interface Making {
  readonly output: Omit<DatasetOutput, "dataset">;
  readonly convert?: readonly ConvertStep[];
  readonly checks?: readonly Check[];
  readonly source?: Source;
}

function look({ output, checks = [], convert, source }: Making): void {
  const areFiles = source !== undefined && deliversFiles(source);
  assertModeRows("job `load`", {
    output: { dataset: "t", ...output },
    outputPath: ["output"],
    checks,
    convert,
    areFiles,
  });
}

const encrypt = { encrypt: ["Mail"] };

describe("values that are encrypted anew in each run", () => {
  test.each([
    [{ output: { mode: "merge", key: ["id", "mail"] }, convert: [encrypt] }, ["output", "key"]],
    [{ output: { mode: "delete_insert", by: "MAIL" }, convert: [encrypt] }, ["output", "by"]],
    [{ output: {}, checks: [{ unique: ["mail"] }], convert: [encrypt] }, ["checks", 0, "unique"]],
    [{ output: { mode: "scd2", key: ["id"], ignore: ["seen"] }, convert: [encrypt] }, ["output", "ignore"]],
    [{ output: { mode: "merge", key: ["m"] }, convert: [encrypt, { rename: { mail: "m" } }] }, ["output", "key"]],
    [{ output: { mode: "merge", key: ["m"] }, convert: [encrypt, { select: { m: "mail" } }] }, ["output", "key"]],
    [
      { output: { mode: "merge", key: ["mail"] }, convert: [encrypt, { select: ["mail"] }, { filter: { id: 1 } }] },
      ["output", "key"],
    ],
    [{ output: { mode: "merge", key: ["mail"] }, convert: [encrypt, { mask: { mail: "hash" } }] }, ["output", "key"]],
    [{ output: { mode: "merge", key: ["box"] }, convert: [encrypt, { wrap: "box" }] }, ["output", "key"]],
  ] satisfies [Making, unknown][])("%j is refused by the option that goes by them", (making, option) => {
    const error = expectThrown(() => look(making), "JOB_INVALID");
    expect(error.message).toMatch(/step 1 \(`encrypt`\)/);
    expect(error.details).toEqual({ option });
  });

  test.each([
    { output: { mode: "merge", key: ["id"] }, convert: [encrypt] },
    { output: { mode: "scd2", key: ["id"], ignore: ["mail"] }, convert: [encrypt] },
    { output: { mode: "scd2", key: ["id"] }, convert: [encrypt, { drop: ["MAIL"] }] },
    { output: { mode: "scd2", key: ["id"] }, convert: [encrypt, { select: ["id"] }] },
    { output: { mode: "merge", key: ["mail"] }, convert: [encrypt, { decrypt: ["mail"] }] },
    { output: { mode: "merge", key: ["mail"] }, convert: [encrypt, { derive: { mail: "x" } }] },
    { output: { mode: "merge", key: ["mail"] }, convert: [encrypt, { mask: { mail: "redact" } }] },
    { output: { mode: "merge", key: ["mail"] }, convert: [{ rename: { mail: "m" } }, { encrypt: ["m"] }] },
    { output: { mode: "merge", key: ["mail"] }, convert: [encrypt, { sql: "select 1 as mail" }] },
  ] satisfies Making[])("%j goes by none of them", (making) => {
    expect(() => look(making)).not.toThrow();
  });
});

const close = { mode: "scd2", key: ["id"], absent: "close" } as const;

test.each([
  { output: close, checks: [{ notNull: ["x"], severity: "quarantine" }] },
  { output: { ...close, schema: { types: "discard_row" } } },
  { output: close, convert: [{ cast: { x: "INTEGER" }, onError: "quarantine" }] },
] satisfies Making[])("a row that is set aside is not taken for one that is gone: %j", (making) => {
  const error = expectThrown(() => look(making), "JOB_INVALID");
  expect(error.details).toEqual({ option: ["output", "absent"] });
  expect(() => look({ ...making, output: { ...making.output, absent: "keep" } })).not.toThrow();
});

test.each([
  { file: { path: "in/*", format: "file", save: { path: "out" } } },
  { http: { url: "https://x.test/", read: { format: "file", save: { path: "out" } } } },
] satisfies Source[])("files that are moved have no history: %j", (source) => {
  const error = expectThrown(() => look({ output: { mode: "scd2", key: ["path"] }, source }), "JOB_INVALID");
  expect(error.details).toEqual({ option: ["output", "mode"] });
  expect(() => look({ output: { mode: "merge", key: ["path"] }, source })).not.toThrow();
  expect(() => look({ output: { mode: "scd2", key: ["path"] }, source: { file: { path: "a.csv" } } })).not.toThrow();
});
