import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { watchProject } from "./watch-project.ts";

const folder = useTemporaryFolder("watch project");

test("changes of code are told once the project is quiet; packages, tables and hidden folders are left alone", async () => {
  const root = folder();
  for (const name of ["jobs/deep", "node_modules/a", ".millrace", "lake"])
    await mkdir(join(root, name), { recursive: true });
  const told = Promise.withResolvers<readonly string[]>();
  using _watching = await watchProject({ root, ignore: [join(root, "lake")], onChange: told.resolve });
  await writeFile(join(root, "node_modules/a/index.js"), "1");
  await writeFile(join(root, ".millrace/a.ts"), "1");
  await writeFile(join(root, "lake/a.sql"), "1");
  await writeFile(join(root, "jobs/notes.txt"), "1");
  await writeFile(join(root, "jobs/settings.yaml"), "1");
  await writeFile(join(root, "jobs/c.job.yaml"), "1");
  await writeFile(join(root, "jobs/deep/b.ts"), "1");
  await writeFile(join(root, "jobs/a.ts"), "1");
  expect(await told.promise).toEqual(["jobs/a.ts", "jobs/c.job.yaml", "jobs/deep/b.ts"]);
});

test("folders that are made later are watched, too", async () => {
  const root = folder();
  const told = Promise.withResolvers<readonly string[]>();
  using _watching = await watchProject({ root, ignore: [], onChange: told.resolve });
  await mkdir(join(root, "later/deep"), { recursive: true });
  await writeFile(join(root, "later/deep/a.ts"), "1");
  expect(await told.promise).toEqual(["later/deep/a.ts"]);
});
