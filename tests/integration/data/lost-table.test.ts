// A Delta table that is older than what runs have published to it has lost rows: nothing is added to it in silence.
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import { findDamage } from "../../../src/data/datasets/find-damage.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
let table: string;
beforeEach(async () => {
  project = await DataProject.create();
  table = project.path("lake/t");
});
afterEach(() => project[Symbol.asyncDispose]());

async function publish(id: number, output: Partial<DatasetOutput> = {}): Promise<void> {
  await project.publish({ sql: `select ${id} as id`, output: { dataset: "t", mode: "append", ...output } });
}

const log = (name = ""): string => join(table, "_delta_log", name);

async function removeNewest(): Promise<void> {
  await rm(log((await readdir(log())).filter((name) => name.endsWith(".json")).at(-1) ?? ""));
}

async function emptyLog(): Promise<void> {
  for (const name of await readdir(log())) await rm(log(name));
}

describe.each([
  ["its newest commit was deleted", removeNewest, "is at version 1, although version 2 was published there"],
  ["its log was emptied", emptyLog, "is gone, although version 2 was published there"],
  ["its folder was deleted", () => rm(table, { recursive: true }), "is gone, although version 2 was published there"],
])("when %s", (_, damage, message) => {
  test.each<[string, Partial<DatasetOutput>]>([
    ["an append", { mode: "append" }],
    ["a merge", { mode: "merge", key: ["id"] }],
  ])("%s is refused by name and changes nothing", async (_name, output) => {
    for (const id of [1, 2, 3]) await publish(id);
    await damage();
    const error = await expectFailure(publish(4, output));
    expect(error).toMatchObject({ code: "TARGET_LOST", message: `the table \`${table}\` ${message}` });
    expect(error.hint).toContain("millrace datasets reset");
    expect(project.versions("t")).toHaveLength(3);
  });

  test("it is told when somebody asks", async () => {
    for (const id of [1, 2, 3]) await publish(id);
    expect(await findDamage(project.engine, project.versions("t").slice(-1))).toEqual([]);
    await damage();
    const [line, ...more] = await findDamage(project.engine, project.versions("t").slice(-1));
    expect(line).toMatch(/^dataset `t`: (?:the table .* is at version 1, although 2|there is no Delta table)/);
    expect(more).toEqual([]);
  });

  test("a replace goes through with a warning, for what was there does not matter to it", async () => {
    for (const id of [1, 2, 3]) await publish(id);
    await damage();
    await publish(4, { mode: "replace" });
    expect(await project.rows("t")).toEqual([{ id: 4 }]);
    expect(project.warnings).toEqual([`the table \`${table}\` ${message}; it is replaced`]);
  });
});

test("a file of the table that is gone, and a checkpoint that cannot be read, are told as well", async () => {
  for (let id = 0; id <= 10; id += 1) await publish(id);
  const versions = project.versions("t").slice(-1);
  await writeFile(log("00000000000000000010.checkpoint.parquet"), "broken");
  const [checkpoint] = await findDamage(project.engine, versions);
  expect(checkpoint).toContain("checkpoint.parquet` cannot be read");
  const [file = ""] = (await readdir(table)).filter((name) => name.startsWith("part-"));
  await rm(join(table, file));
  expect(await findDamage(project.engine, versions)).toEqual([
    `dataset \`t\`: the table \`${table}\` has lost a file: \`${join(table, file)}\``,
  ]);
});
