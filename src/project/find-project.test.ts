import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { findProject } from "./find-project.ts";

const folder = useTemporaryFolder("find-project");
let base: string;

beforeAll(async () => {
  base = await realpath(folder());
  await mkdir(join(base, "configured/jobs/deep"), { recursive: true });
  await writeFile(join(base, "configured/millrace.config.json"), "{}");
  await mkdir(join(base, "plain/jobs/deep"), { recursive: true });
  await symlink(join(base, "configured"), join(base, "link"));
});

test("the nearest folder upwards with a configuration is the project", () => {
  const found = { root: join(base, "configured"), configFile: join(base, "configured/millrace.config.json") };
  expect(findProject(join(base, "configured"))).toEqual(found);
  expect(findProject(join(base, "configured/jobs/deep"))).toEqual(found);
});

test("the root is a real path, as Node's module names are", () => {
  expect(findProject(join(base, "link")).root).toBe(join(base, "configured"));
});

test("without a configuration only the folder itself counts", () => {
  expect(findProject(join(base, "plain"))).toEqual({ root: join(base, "plain"), configFile: undefined });
  expect(() => findProject(join(base, "plain/jobs/deep"))).toThrowError(/^no project in `.*deep` or above$/);
});

test("a folder that is not there is named", () => {
  expect(() => findProject(join(base, "gone"))).toThrowError(`no folder \`${join(base, "gone")}\``);
});
