// What is noted of queries on a disk that outlives the process.
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { nameUuid } from "./name-uuid.ts";
import { createLocalFolder } from "./local-folder.ts";
import { ResultFolder } from "./result-folder.ts";

const folder = useTemporaryFolder("result-folder");
const now = Date.now();

async function open(name = "run dataset"): Promise<ResultFolder> {
  const results = new ResultFolder(createLocalFolder(folder()), name);
  await results.open(now);
  return results;
}

test("another process finds what was sent under the same id, until it is over", async () => {
  const results = await open();
  const first = await results.find("rows");
  expect(first.state).toBeUndefined();
  await results.note(first, "sent");
  expect(await (await open()).find("rows")).toEqual({ ...first, state: "sent" });
  await results.note(first, "over");
  const second = await (await open()).find("rows");
  expect(second.state).toBeUndefined();
  expect(second.operationId).not.toBe(first.operationId);
  expect((await results.find("other rows")).operationId).not.toBe(first.operationId);
});

test("a note that was cut may have been sent", async () => {
  const results = await open();
  const sending = await results.find("rows");
  await results.note(sending, "sent");
  await writeFile(join(folder(), nameUuid("run dataset"), `${sending.operationId}.state`), "");
  expect((await results.find("rows")).state).toBe("sent");
});

test("only rows that are whole are there", async () => {
  const results = await open();
  const sending = await results.find("rows");
  await mkdir(sending.folder);
  for (const name of ["part-1.parquet", "part-0.parquet", ".part-1.parquet.crc"])
    await writeFile(join(sending.folder, name), "");
  expect(await results.list(sending)).toBeUndefined();
  await writeFile(join(sending.folder, "_SUCCESS"), "");
  const expected = ["part-0.parquet", "part-1.parquet"].map((name) => join(sending.folder, name));
  expect(await results.list(sending)).toEqual(expected);
});

test("what nobody has come back for in a week is removed, and nothing that is not ours", async () => {
  const old = await open("a run that failed");
  await old.note(await old.find("rows"), "sent");
  await mkdir(join(folder(), "a-table"));
  const before = (now - 8 * 86_400_000) / 1000;
  for (const name of await readdir(folder())) await utimes(join(folder(), name), before, before);
  await open("another run");
  expect(await readdir(folder())).toEqual(["a-table"]);
});

test("a later attempt takes over, and an earlier one does not take it back", async () => {
  const [first, second] = [await open(), await open()];
  await first.claim(1);
  expect(await first.isOurs()).toBe(true);
  await second.claim(3);
  expect([await first.isOurs(), await second.isOurs()]).toEqual([false, true]);
  expect(await expectFailure(first.claim(2))).toMatchObject({ code: "RUN_LOST", disposition: "cancel" });
  await second.remove();
  // what is left to close is the second one's
  expect([await first.isOurs(), await second.isOurs()]).toEqual([false, true]);
});

test("a folder that cannot be made is told with the option that says where", async () => {
  await writeFile(join(folder(), "file"), "");
  const failure = await expectFailure(new ResultFolder(createLocalFolder(join(folder(), "file")), "run").open(now));
  expect(failure).toMatchObject({ code: "CONFIG_INVALID", hint: expect.stringContaining("compute.folder") as string });
});

test("a name has one UUID of version 5", () => {
  expect(nameUuid("a")).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(nameUuid("a")).toBe(nameUuid("a"));
  expect(nameUuid("a")).not.toBe(nameUuid("b"));
});
