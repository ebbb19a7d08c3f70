// Files that are moved as they are: byte by byte, whole or not at all, each a row that says what it is and where it lies.
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import type { FileSource } from "../../../src/data/sources/file/options.ts";
import { canMount } from "../../support/can-mount.ts";
import { DataProject, type AttemptOptions } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { lendPlaces } from "../../support/files/lent-places.ts";

const places = lendPlaces();
let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const bytes = randomBytes(300_000);
const output: DatasetOutput = { dataset: "moved" };

function move(file: Omit<FileSource, "format">, options: AttemptOptions = {}): ReturnType<DataProject["publish"]> {
  return project.publish({ source: { file: { ...file, format: "file" } }, output }, options);
}

function digest(algorithm: string, content: string | Uint8Array): string {
  return createHash(algorithm).update(content).digest("hex");
}

async function tree(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : []))
    .toSorted();
}

async function putAt(connection: string, path: string, content: string | Buffer): Promise<void> {
  if (connection === "lake") return places.lake.put(path, content);
  if (connection === "cluster") return void places.cluster.files.set(`/${path}`, content);
  await mkdir(dirname(join(places.drop.root, path)), { recursive: true });
  await writeFile(join(places.drop.root, path), content);
}

/** What is below a folder, by name. */
async function filesAt(connection: string, folder: string): Promise<Map<string, Buffer>> {
  const all = new Map<string, Buffer>();
  for (const [key, { body }] of connection === "lake" ? places.lake.objects : []) all.set(key, body);
  for (const [path, body] of connection === "cluster" ? places.cluster.files : [])
    all.set(path.slice(1), Buffer.from(body));
  for (const path of connection === "drop" ? await tree(places.drop.root) : [])
    all.set(path, await readFile(join(places.drop.root, path)));
  const inside = [...all]
    .filter(([path]) => path.startsWith(folder))
    .map(([path, body]) => [path.slice(folder.length), body] as const);
  return new Map(inside.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

test("bytes and folders stay, and the dataset says what each file is and where it lies", async () => {
  await project.write("in/a/b c%ü.bin", bytes);
  await project.write("in/x.csv.gz", "no gzip at all");
  await project.write("in/.part", "somebody writes");
  await move({ path: "in/**", save: { path: "out/raw" } });
  expect(await readFile(project.path("out/raw/a/b c%ü.bin"))).toEqual(bytes);
  expect(await tree(project.path("out"))).toEqual(["raw/a/b c%ü.bin", "raw/x.csv.gz"]);
  const [first, second] = await project.rows("moved");
  expect(first).toMatchObject({
    path: "in/a/b c%ü.bin",
    name: "a/b c%ü.bin",
    size: 300_000n,
    md5: digest("md5", bytes),
    sha256: digest("sha256", bytes),
    location: "out/raw/a/b c%ü.bin",
  });
  expect(second).toMatchObject({ location: "out/raw/x.csv.gz", size: 14n });
});

test.each([
  ["lake", "in/**", "drop", "/archive"],
  ["drop", "/in/**", "lake", "archive"],
  ["lake", "in/**", "cluster", "/archive"],
  ["cluster", "/in/**", "cluster", "/archive"],
])(
  "files go from `%s` to another place without a copy that anybody else sees",
  async (connection, path, to, folder) => {
    const source = { "b.csv": "id\n1\n", "day/a.bin": bytes, "day/empty": "" };
    for (const [name, content] of Object.entries(source)) await putAt(connection, `in/${name}`, content);
    await move({ connection, path, save: { connection: to, path: folder } });
    const found = await filesAt(to, "archive/");
    expect([...found.keys()]).toEqual(Object.keys(source));
    expect(found.get("day/a.bin")).toEqual(bytes);
    expect(await project.rows("moved", "select location from moved order by 1")).toHaveLength(3);
  },
);

test("a name may be as long as names can be", async () => {
  const name = `${"ü".repeat(125)}.txt`;
  await project.write(`in/${name}`, "1");
  for (const save of [{ path: "out" }, { connection: "drop", path: "/out" }, { connection: "cluster", path: "/out" }])
    await move({ path: "in/*", save });
  expect(await tree(project.path("out"))).toEqual([name]);
  expect(await tree(join(places.drop.root, "out"))).toEqual([name]);
});

test("an object that is packed for its way only is moved as it is stored", async () => {
  places.lake.put("in/a.json", bytes, { "content-encoding": "gzip" });
  await move({ connection: "lake", path: "in/*", save: { path: "out" } });
  expect(await readFile(project.path("out/a.json"))).toEqual(bytes);
});

test("a run that comes again adds nothing, and neither does the next one", async () => {
  await project.write("in/a.txt", "1");
  const save = { connection: "lake", path: "raw" };
  await move({ path: "in/*", save });
  const puts = (): number => places.lake.requests.filter(({ method }) => method === "PUT").length;
  const before = puts();
  expect((await move({ path: "in/*", save })).changed).toBe(false);
  await putAt("drop", "in/a.txt", "1");
  await move({ connection: "drop", path: "/in/*", save: { connection: "drop", path: "/raw" } });
  await move({ connection: "drop", path: "/in/*", save: { connection: "drop", path: "/raw" } });
  expect(puts()).toBe(before);
  expect(await tree(join(places.drop.root, "raw"))).toEqual(["a.txt"]);
});

test("a file that others have put there is told before anything is moved, unless it may be replaced", async () => {
  await project.write("in/a.txt", "new");
  await project.write("in/b.txt", "new");
  await project.write("out/b.txt", "old");
  places.lake.put("raw/b.txt", "old");
  const texts = async (): Promise<unknown[]> => [
    await tree(project.path("out")),
    await readFile(project.path("out/b.txt"), "utf8"),
    places.lake.text("raw/a.txt"),
    places.lake.text("raw/b.txt"),
  ];
  const saves = [{ path: "out" }, { connection: "lake", path: "raw" }];
  for (const save of saves) {
    const error = await expectFailure(move({ path: "in/*", save }));
    expect(error).toMatchObject({ code: "FILES_COLLIDE", message: expect.stringContaining("b.txt") as string });
  }
  expect(await texts()).toEqual([["b.txt"], "old", undefined, "old"]);
  for (const save of saves) await move({ path: "in/*", save: { ...save, over: "replace" } });
  expect(await texts()).toEqual([["a.txt", "b.txt"], "new", "new", "new"]);
});

test("two files of one name are told before anything is moved, and `from` keeps them apart", async () => {
  await project.write("in/a/x.txt", "1");
  await project.write("in/b/x.txt", "2");
  const path = ["in/a/x.txt", "in/b/x.txt"];
  expect(await expectFailure(move({ path, save: { path: "out" } }))).toMatchObject({ code: "FILES_COLLIDE" });
  expect(await tree(project.path("out"))).toEqual([]);
  await move({ path, save: { path: "out", from: "in" } });
  expect(await tree(project.path("out"))).toEqual(["a/x.txt", "b/x.txt"]);
});

test("an object whose key is no name of a file is told before anything is moved", async () => {
  places.lake.put("in/a.txt", "1");
  places.lake.put("in/b//c.txt", "1");
  const path = ["in/a.txt", "in/b//c.txt"];
  const error = await expectFailure(move({ connection: "lake", path, save: { path: "other", from: "in" } }));
  expect(error).toMatchObject({ code: "VALUE_INVALID", message: expect.stringContaining("b//c.txt") as string });
  expect(await tree(project.path("other"))).toEqual([]);
});

test("no link leads a file out of the project", async () => {
  await project.write("in/a.txt", "1");
  await symlink("/tmp", project.path("out"));
  expect(await expectFailure(move({ path: "in/*", save: { path: "out" } }))).toMatchObject({ code: "VALUE_INVALID" });
});

test("a checksum that the job says is compared before anything is moved", async () => {
  await project.write("in/a.txt", "1");
  const save = { path: "out", sha256: digest("sha256", "1").toUpperCase() };
  await move({ path: "in/a.txt", save });
  const error = await expectFailure(move({ path: "in/a.txt", save: { path: "other", md5: digest("md5", "2") } }));
  expect(error).toMatchObject({ code: "CHECKSUM_MISMATCH", disposition: "retry" });
  expect(await tree(project.path("other"))).toEqual([]);
});

test("a check that fails moves nothing", async () => {
  await project.write("in/a.txt", "");
  const source = { file: { path: "in/*", format: "file", save: { path: "out" } } } as const;
  const checks = [{ rowCount: { min: 2 } }];
  const error = await expectFailure(project.publish({ source, output, checks }));
  expect(error).toMatchObject({ code: "CHECKS_FAILED" });
  expect(await tree(project.path("out"))).toEqual([]);
});

test.each([
  [{ mode: "merge", key: ["sha256"] }, "repeat the key"],
  [{ mode: "merge", key: ["etag"] }, "null in the key"],
  [{ mode: "delete_insert", by: "modified" }, "outside of the window"],
] satisfies [Omit<DatasetOutput, "dataset">, string][])("rows that %j refuses move nothing", async (mode, message) => {
  for (const name of ["a", "b"]) await project.write(`in/${name}`, "same");
  const source = { file: { path: "in/*", format: "file", save: { path: "out" } } } as const;
  const convert = [{ derive: { etag: null } }];
  const window = { from: "2001-01-01T00:00:00.000Z", to: "2001-01-02T00:00:00.000Z" };
  const error = await expectFailure(
    project.publish({ source, convert, output: { dataset: "moved", ...mode } }, { window }),
  );
  expect(error).toMatchObject({ code: "CHECKS_FAILED", message: expect.stringContaining(message) as string });
  expect(await tree(project.path("out"))).toEqual([]);
});

test.each([
  [undefined, "in/**", { path: "in/out" }],
  [undefined, "in/*", { path: "./in", name: "copy" }],
  ["drop", "/in/**", { connection: "drop", path: "/in/out" }],
  ["lake", "in/**", { connection: "lake", path: "in/out" }],
])("files are not put where the source finds them again: %s %s", async (connection, path, save) => {
  const where = connection === undefined ? {} : { connection };
  if (connection === undefined) await project.write("in/a", "1");
  else await putAt(connection, "in/a", "1");
  const error = await expectFailure(move({ ...where, path, save }));
  expect(error).toMatchObject({ code: "VALUE_INVALID", message: expect.stringContaining("finds it again") as string });
  expect(await tree(project.path("in"))).toEqual(connection === undefined ? ["a"] : []);
  expect(
    (await move({ ...where, path, pattern: ".*/in/[^/]*|in/[^/]*", save: { ...save, path: `${save.path}/x` } })).rows,
  ).toBe(1);
});

test.each(["lake/t", ".millrace/staging", "jobs", "linked"])("no file is put into `%s`", async (path) => {
  await project.write("in/a.ts", "1");
  await mkdir(project.path("jobs"));
  await symlink("jobs", project.path("linked"));
  const error = await expectFailure(move({ path: "in/*", save: { path } }));
  expect(error).toMatchObject({ code: "VALUE_INVALID", message: expect.stringContaining("Millrace works") as string });
  expect(await tree(project.path(path))).not.toContain("a.ts");
});

test("a file that changes between the look at it and the copy fails the attempt", async () => {
  await project.write("in/a.txt", "before");
  const failpoint = async (name: string): Promise<void> => {
    if (name === "delivery:intended") await project.write("in/a.txt", "behind");
  };
  const error = await expectFailure(move({ path: "in/*", save: { path: "out" } }, { failpoint }));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
  expect(await tree(project.path("out"))).toEqual([]);
});

test("an attempt that dies among its files leaves none half there, and the next one does the rest", async () => {
  for (const name of ["a", "b", "c", "d", "e", "f"]) await project.write(`in/${name}`, name);
  let put = 0;
  const failpoint = (name: string): void => {
    if (name === "delivery:put" && (put += 1) === 2) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  };
  const save = { connection: "drop", path: "/raw" };
  const error = await expectFailure(move({ path: "in/*", save }, { runId: 1, failpoint }));
  expect(error).toMatchObject({ code: "DISK_FULL", disposition: "retry" });
  expect(project.versions("moved")).toEqual([]);
  await move({ path: "in/*", save }, { runId: 1, epoch: 2 });
  expect(await tree(join(places.drop.root, "raw"))).toEqual(["a", "b", "c", "d", "e", "f"]);
});

test.skipIf(!canMount())("a disk that is full, or fills up meanwhile, keeps no half of a file", async () => {
  await project.write("in/a.bin", Buffer.alloc(700_000, 1));
  await mkdir(project.path("out"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", project.path("out")]);
  try {
    const fill = async (name: string): Promise<void> => {
      if (name === "delivery:intended") await project.write("out/others", Buffer.alloc(500_000));
    };
    const save = { path: "out/raw" };
    const filled = await expectFailure(move({ path: "in/*", save }, { runId: 1, failpoint: fill }));
    expect(filled).toMatchObject({ code: "DISK_FULL", disposition: "retry" });
    expect(await tree(project.path("out"))).toEqual(["others"]);
    const full = await expectFailure(move({ path: "in/*", save }, { runId: 1, epoch: 2 }));
    expect(full).toMatchObject({ code: "DISK_FULL", hint: expect.stringContaining("maxUnitsPerRun") as string });
    await rm(project.path("out/others"));
    await move({ path: "in/*", save }, { runId: 1, epoch: 3 });
    expect(await tree(project.path("out"))).toEqual(["raw/a.bin"]);
  } finally {
    execFileSync("umount", [project.path("out")]);
  }
});

test("a worker that lost its run puts nothing", async () => {
  await project.write("in/a.txt", "1");
  let isHeld = true;
  const failpoint = (name: string): void => {
    if (name === "delivery:intended") isHeld = false;
  };
  for (const save of [{ path: "out" }, { connection: "lake", path: "raw" }]) {
    isHeld = true;
    const error = await expectFailure(move({ path: "in/*", save }, { failpoint, isHeld: () => isHeld }));
    expect(error).toMatchObject({ code: "RUN_LOST" });
  }
  expect([await tree(project.path("out")), [...places.lake.objects.keys()]]).toEqual([[], []]);
});

test("a place that refuses is named, and the table stays as it was", async () => {
  await project.write("in/a.txt", "1");
  places.lake.trouble = ({ method }) => (method === "PUT" ? { status: 403, code: "AccessDenied" } : undefined);
  const error = await expectFailure(move({ path: "in/*", save: { connection: "lake", path: "raw" } }));
  expect(error).toMatchObject({ code: "PERMISSION_DENIED" });
  expect(project.versions("moved")).toEqual([]);
});

test("files may be unpacked and decrypted on their way, where the job says so", async () => {
  const { gzipSync } = await import("node:zlib");
  await project.write("in/day/a.csv.gz", gzipSync("id\n1\n"));
  await move({ path: "in/**", codec: "gzip", save: { path: "out" } });
  expect(await readFile(project.path("out/day/a.csv"), "utf8")).toBe("id\n1\n");
  await project.write("in/day/b.csv.gz", gzipSync("id\n1\n").subarray(0, -4));
  const error = await expectFailure(move({ path: "in/**", codec: "gzip", save: { path: "other" } }));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE" });
  expect(await tree(project.path("other"))).toEqual([]);
});
