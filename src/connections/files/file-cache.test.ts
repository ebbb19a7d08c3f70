import { readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { FileCache } from "./file-cache.ts";
import type { FileService, RemoteFile } from "./file-service.ts";

const folder = useTemporaryFolder("file-cache");
const cacheFolder = (): string => join(folder(), "cache");

/** A place whose files have their own name as content, repeated to their size. */
let downloads: string[];
const service = {
  place: (path: string) => `s3://lake/${path}`,
  download: async ({ path, size }: RemoteFile, to: string) => {
    downloads.push(path);
    await writeFile(to, path.padEnd(size, path).slice(0, size), { flag: "wx" });
    return {};
  },
} as unknown as FileService;

let number = 0;
beforeEach(async () => {
  downloads = [];
  number += 1;
  await rm(cacheFolder(), { recursive: true, force: true });
});

function remote(path: string, size = 40, version = "1"): RemoteFile {
  return { path, size, version, modifiedAtMs: 0 };
}

function target(name: string): string {
  return join(folder(), `${number}-${name}`);
}

async function copies(): Promise<string[]> {
  const entries = await readdir(cacheFolder(), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).map((text) => text[0] ?? "").toSorted();
}

/** Nobody reads it any more, and it was read that many minutes ago. */
async function letGo(name: string, minutes: number): Promise<void> {
  const at = new Date(Date.now() - minutes * 60_000);
  await utimes(target(name), at, at);
  await rm(target(name));
}

test("a file is downloaded once for all who read it, and anew when it is another one", async () => {
  const cache = new FileCache({ folder: cacheFolder(), maxBytes: 200 });
  await cache.bring(service, remote("a"), target("first"), {});
  await new FileCache({ folder: cacheFolder(), maxBytes: 200 }).bring(service, remote("a"), target("second"), {});
  expect(await readFile(target("second"), "utf8")).toBe("a".repeat(40));
  expect(downloads).toEqual(["a"]);
  await cache.bring(service, remote("a", 40, "2"), target("third"), {});
  expect(downloads).toEqual(["a", "a"]);
});

test("what was not read for longest goes first, and what somebody reads stays", async () => {
  const cache = (): FileCache => new FileCache({ folder: cacheFolder(), maxBytes: 120 });
  for (const name of ["a", "b", "c"]) await cache().bring(service, remote(name), target(name), {});
  await letGo("b", 10);
  await letGo("c", 20);
  await cache().bring(service, remote("d"), target("d"), {});
  expect(await copies()).toEqual(["a", "b", "d"]);
  await cache().bring(service, remote("e"), target("e"), {});
  expect(await copies()).toEqual(["a", "d", "e"]);
  const error = await expectFailure(cache().bring(service, remote("f"), target("f"), {}));
  expect(error).toMatchObject({ code: "CACHE_FULL" });
  expect(error.hint).toContain("`lakeCache`");
  expect(await readFile(target("a"), "utf8")).toBe("a".repeat(40));
});

test("one process does not put more there than fits, however often it looked", async () => {
  const cache = new FileCache({ folder: cacheFolder(), maxBytes: 100 });
  for (const [index, name] of ["a", "b", "c", "d"].entries()) {
    await cache.bring(service, remote(name), target(name), {});
    await letGo(name, 10 - index); // minutes apart, as two copies of one millisecond have no order
  }
  expect(await copies()).toEqual(["c", "d"]);
});

test("what was uploaded is kept, and what does not fit is not", async () => {
  const cache = new FileCache({ folder: cacheFolder(), maxBytes: 50 });
  await writeFile(target("own"), "o".repeat(40));
  await cache.keep(service, remote("own"), target("own"));
  await cache.bring(service, remote("own"), target("read"), {});
  expect((await stat(target("read"))).ino).toBe((await stat(target("own"))).ino);
  await writeFile(target("large"), "l".repeat(60));
  await cache.keep(service, remote("large", 60), target("large"));
  expect([downloads, await copies()]).toEqual([[], ["o"]]);
});

test("a download that fails leaves nothing in the cache", async () => {
  const failing = { ...service, download: () => Promise.reject(new Error("cut")) };
  const cache = new FileCache({ folder: cacheFolder(), maxBytes: 50 });
  await expect(cache.bring(failing, remote("a"), target("a"), {})).rejects.toThrow("cut");
  expect(await copies()).toEqual([]);
});
