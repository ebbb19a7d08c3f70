// Datasets that are encrypted anew: each value under the newest key, no row lost or doubled, whatever happens on the way.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFieldCipher } from "../../../src/connections/registry/field-cipher.ts";
import type { DatasetOutput, DatasetTargets } from "../../../src/core/dataset/dataset.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { newerKey, olderKey, rekeyRequest } from "../../support/data/rekey-and-die.ts";
import { createSmallProject } from "../../support/cli/small-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

const both = [newerKey, olderKey];
const newest = createFieldCipher([newerKey]);

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const sqlite: DatasetTargets = { sqlite: { path: "out/t.sqlite" } };

/** Three rows of a run with the older key, two of which have a value. */
async function publishOld(targets: DatasetTargets): Promise<void> {
  const [a, c] = ["a@x", "c@x"].map((mail) => createFieldCipher([olderKey]).seal(mail, "mail"));
  const sql = `select * from (values (1, '${a}', 'open'), (2, null, 'mr1.no'), (3, '${c}', null)) v(id, mail, note)`;
  await project.publish({ sql, output: { dataset: "t", mode: "append", ...targets } });
}

async function opened(): Promise<unknown> {
  const found = await project.rows("t");
  return found.map(({ id, mail, note }) => [id, typeof mail === "string" ? newest.open(mail, "mail") : mail, note]);
}

const rows = [
  [1, "a@x", "open"],
  [2, null, "mr1.no"],
  [3, "c@x", null],
];

test.each([
  ["a Delta table", {}],
  ["an SQLite table", sqlite],
] as const)("values of %s open with the newest key alone, and doing it again does nothing", async (_, targets) => {
  await publishOld(targets);
  await expect(opened()).rejects.toThrow("was encrypted with another key");
  const request = rekeyRequest(targets);
  const first = await project.attempt({ runId: 2, keys: both }).rekey(request);
  expect(first).toEqual({ changed: true, columns: ["mail"], rows: 3 });
  expect(await opened()).toEqual(rows);
  expect(project.versions("t").at(-1)).toMatchObject({ version: 2, job: "ingest", rowCount: 3 });
  const again = await project.attempt({ runId: 3, keys: both }).rekey(request);
  expect(again).toEqual({ changed: false, columns: ["mail"], rows: 3 });
  expect(project.versions("t")).toHaveLength(2);
});

test.each([
  { mode: "scd2", key: ["id"], ignore: ["mail"] },
  { mode: "snapshot", moment: "day" },
] satisfies Omit<DatasetOutput, "dataset">[])("rows keep the columns that the mode gave them: %j", async (mode) => {
  const output: DatasetOutput = { dataset: "t", ...mode };
  const publish = async (runId: number, note: string): Promise<void> => {
    const window = { from: `2026-01-0${runId}T00:00:00.000Z`, to: `2026-01-0${runId + 1}T00:00:00.000Z` };
    const mail = createFieldCipher([runId < 3 ? olderKey : newerKey]).seal("a@x", "mail");
    await project.publish({ sql: `select 1 as id, '${mail}' as mail, '${note}' as note`, output }, { runId, window });
  };
  await publish(1, "first");
  await publish(2, "second");
  const known = (): Promise<unknown> => project.rows("t", "select * exclude (mail) from t order by all");
  const before = await known();
  expect(before).toHaveLength(2);
  const rekeyed = await project.attempt({ runId: 3, keys: both }).rekey({ ...rekeyRequest({}), output });
  expect(rekeyed).toEqual({ changed: true, columns: ["mail"], rows: 2 });
  expect(await known()).toEqual(before);
  const mails = (await project.rows("t")).map(({ mail }) => newest.open(String(mail), "mail"));
  expect(mails).toEqual(["a@x", "a@x"]);
  await publish(4, "third");
  expect(await known()).toHaveLength(3);
});

test("a key that is missing is named, and the rows stay as they were", async () => {
  await publishOld(sqlite);
  const before = await project.rows("t");
  const error = await expectFailure(project.attempt({ runId: 2, keys: [newerKey] }).rekey(rekeyRequest(sqlite)));
  const [, id = ""] = String(before[0]?.["mail"]).split(".");
  expect(error).toMatchObject({
    code: "SECRET_UNREADABLE",
    message: expect.stringContaining(`another key: \`${id}\``),
  });
  expect(await project.rows("t")).toEqual(before);
});

test("a value that somebody has moved to another column is not encrypted anew", async () => {
  const moved = createFieldCipher([olderKey]).seal("a@x", "phone");
  await project.publish({ sql: `select 1 as id, '${moved}' as mail`, output: { dataset: "t", mode: "append" } });
  const error = await expectFailure(project.attempt({ runId: 2, keys: both }).rekey(rekeyRequest({})));
  expect(error).toMatchObject({
    code: "SECRET_UNREADABLE",
    message: expect.stringContaining("a value of column `mail` is not what was encrypted for it"),
  });
});

test("rows that a run may publish meanwhile are not overwritten", async () => {
  await publishOld(sqlite);
  const before = await project.rows("t");
  const refuse = (): Promise<never> => Promise.reject(new MillraceError("DATASET_RESET", "run `r9` executes"));
  const request = { ...rekeyRequest(sqlite), assertUnchanged: refuse };
  const error = await expectFailure(project.attempt({ runId: 2, keys: both }).rekey(request));
  expect(error).toMatchObject({ code: "DATASET_RESET" });
  expect(await project.rows("t")).toEqual(before);
});

test("a sealed dataset is sealed anew as a whole", async () => {
  const output = { dataset: "t", sealed: true } as const;
  await project.attempt({ runId: 1, keys: [olderKey] }).publish({ sql: "select 'canary-token' as token", output });
  const request = { ...rekeyRequest({}), output };
  await project.attempt({ runId: 2, keys: both }).rekey(request);
  expect(await project.attempt({ runId: 3, keys: [newerKey] }).credentials("t")).toEqual([{ token: "canary-token" }]);
  const error = await expectFailure(project.attempt({ runId: 4, keys: [olderKey] }).credentials("t"));
  expect(error).toMatchObject({
    code: "SECRET_UNREADABLE",
    message: expect.stringContaining("sealed with another key"),
  });
});

describe("killed while it encrypts", () => {
  test.each([
    ["staged", {}],
    ["recorded", {}],
    ["sqlite:committed", sqlite],
  ] as const)("at %s, the next attempt has every row once, under the newest key", async (moment, targets) => {
    await publishOld(targets);
    const script = fileURLToPath(new URL("../../support/data/rekey-and-die.ts", import.meta.url));
    const args = [...process.execArgv, script, project.root, moment, JSON.stringify(targets)];
    const child = spawn(process.execPath, args, { stdio: "inherit" });
    await once(child, "close");
    expect(child.signalCode).toBe("SIGKILL");
    await project.attempt({ runId: 2, epoch: 2, keys: both }).rekey(rekeyRequest(targets));
    expect(await opened()).toEqual(rows);
    expect(project.versions("t")).toHaveLength(2);
  });
});

test("`millrace datasets rekey` is a run, after which the older key is needed no more", async () => {
  await using small = await createSmallProject({
    "jobs/ingest.ts": `import { integrationJob } from "millrace";
export default integrationJob({
  name: "ingest",
  source: { file: { path: "in.csv" } },
  convert: [{ encrypt: ["mail"] }],
  output: { dataset: "people", mode: "append" },
});
`,
    "jobs/read.ts": `import { integrationJob } from "millrace";
export default integrationJob({
  name: "read",
  source: { dataset: "people" },
  convert: [{ decrypt: ["mail"] }],
  output: { dataset: "opened" },
});
`,
    "in.csv": "id,mail\n1,a@x\n",
  });
  expect(await small.run("run", "ingest")).toMatchObject({ exitCode: 0 });
  const keys = `${small.path}/.millrace/secret.key`;
  const older = await readFile(keys, "utf8");
  await writeFile(keys, `${newerKey.replaceAll(" ", "-")}\n${older}`);
  expect(await small.run("run", "ingest")).toMatchObject({ exitCode: 0 });
  const rekeyed = await small.run("datasets", "rekey", "people", "--json", "--reason", "a laptop was lost");
  expect(JSON.parse(rekeyed.stdout)).toMatchObject({
    state: "FINISHED",
    result: { action: "rekey", dataset: "people", changed: true, columns: ["mail"], rows: 2 },
  });
  await writeFile(keys, `${newerKey.replaceAll(" ", "-")}\n`);
  expect(await small.run("run", "read")).toMatchObject({ exitCode: 0 });
  expect((await small.run("datasets", "head", "opened", "--json")).stdout).toContain("a@x");
  const unknown = await small.run("datasets", "rekey", "peopel");
  expect(unknown.stderr).toContain("did you mean `people`?");
});
