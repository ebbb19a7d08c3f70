// What Spark and this machine share in a bucket, on a server with its behaviour.
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { lendPlaces } from "../../../../tests/support/files/lent-places.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { createBucketFolder } from "./bucket-folder.ts";
import { nameUuid } from "./name-uuid.ts";
import { ResultFolder } from "./result-folder.ts";
import type { SharedFolder } from "./shared-folder.ts";

const places = lendPlaces();
const spool = useTemporaryFolder("bucket-folder");
const address = "s3a://lake/shared/.millrace-spark";
const own = `shared/.millrace-spark/${nameUuid("run dataset")}`;

function openFolder(signal: AbortSignal = new AbortController().signal): SharedFolder {
  return createBucketFolder({ connection: "lake", key: "shared/.millrace-spark", address, spool: spool(), signal });
}

test("another process finds what was sent under the same id, until it is over", async () => {
  const open = (): ResultFolder => new ResultFolder(openFolder(), "run dataset");
  const first = await open().find("rows");
  expect(first.folder).toBe(`s3a://lake/${own}/${first.operationId}`);
  await open().note(first, "sent");
  expect(await open().find("rows")).toEqual({ ...first, state: "sent" });
  await open().note(first, "over");
  expect((await open().find("rows")).operationId).not.toBe(first.operationId);
});

test("rows are copied to this machine when all of them are there, and not before", async () => {
  const results = new ResultFolder(openFolder(), "run dataset");
  const sending = await results.find("rows");
  places.lake.pageSize = 2;
  const put = (name: string): void => places.lake.put(`${own}/${sending.operationId}/${name}`, name);
  for (const name of ["part-1.parquet", "part-0.parquet", "_temporary/0/part-0.parquet"]) put(name);
  expect(await results.list(sending)).toBeUndefined();
  put("_SUCCESS");
  const files = (await results.list(sending)) ?? [];
  expect(await Promise.all(files.map(async (path) => await readFile(path, "utf8")))).toEqual([
    "part-0.parquet",
    "part-1.parquet",
  ]);
  expect(files.every((path) => path.startsWith(spool()))).toBe(true);
  await results.remove();
  expect([...places.lake.objects.keys()]).toEqual([]);
});

test("a file that Spark is to read is put where Spark sees it", async () => {
  const results = new ResultFolder(openFolder(), "run dataset");
  const path = await results.putInput("orders.parquet", async (to) => await writeFile(to, "rows"));
  expect(path).toBe(`${address}/${nameUuid("run dataset")}/inputs/orders.parquet`);
  expect(places.lake.text(`${own}/inputs/orders.parquet`)).toBe("rows");
});

test("what nobody has come back for in a week is removed, and nothing that is not ours", async () => {
  const week = 7 * 86_400_000;
  const old = nameUuid("a run that failed");
  const names = [`${old}/x.state`, `${old}/y/part-0.parquet`, "a-table/part-0.parquet"];
  for (const name of names) places.lake.put(`shared/.millrace-spark/${name}`, "");
  places.lake.put("shared/elsewhere/part-0.parquet", "");
  const written = Date.UTC(2026, 0, 1);
  await new ResultFolder(openFolder(), "another run").open(written + week);
  expect(places.lake.objects.size).toBe(4);
  await new ResultFolder(openFolder(), "another run").open(written + week + 1);
  const left = ["shared/.millrace-spark/a-table/part-0.parquet", "shared/elsewhere/part-0.parquet"];
  expect([...places.lake.objects.keys()].toSorted()).toEqual(left);
});

test.each([
  ["s3://lake/orders/day=a b%20/1.parquet", "s3a://lake/orders/day=a b%20/1.parquet"],
  ["s3a://lake/orders/1.parquet", "s3a://lake/orders/1.parquet"],
  ["s3://other/orders/1.parquet", undefined],
  ["/mnt/lake/orders/1.parquet", undefined],
])("files of its own bucket are seen where they are, others are not: %s", (path, expected) => {
  expect(openFolder().seenPath(path)).toBe(expected);
});

test("rows that went while they were read, a bucket that is closed, and a run that is stopped", async () => {
  const folder = openFolder();
  expect(await expectFailure(folder.fetch("x", ["part-0.parquet"]))).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: "rows of Spark are gone: `s3://lake/shared/.millrace-spark/x/part-0.parquet`",
  });
  const stopped = openFolder(AbortSignal.abort(new MillraceError("RUN_STOPPED", "stopped")));
  expect((await expectFailure(stopped.list("x"))).code).toBe("RUN_STOPPED");
  places.lake.trouble = () => ({ status: 403, code: "AccessDenied" });
  expect((await expectFailure(new ResultFolder(folder, "run").open(0))).code).toBe("PERMISSION_DENIED");
});
