import { mkdir, mkdtemp, realpath, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { expectFailure } from "../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { resolveModule } from "./resolve-module.ts";

const folder = useTemporaryFolder("resolve-module");
const entries = ["jobs", "pipeline.ts", "gone"];
let root: string;
let elsewhere: string;

beforeAll(async () => {
  const base = await realpath(folder());
  root = await mkdtemp(join(base, "project-"));
  elsewhere = await mkdtemp(join(base, "elsewhere-"));
  const files = ["pipeline.ts", "jobs/load-promos.ts", "jobs/deep/load.mjs", "jobs/a.b.ts", "jobs/_shared.ts"];
  for (const file of [...files, "jobs-evil/load.ts", "src/secret.ts", "jobs/notes.txt"]) await write(join(root, file));
  for (const file of ["load-promos-job-factory.ts", "twin-a.ts", "twin_a.ts", "near-b_c.ts", "near_b-c.ts"])
    await write(join(root, "dwh/jobs/load_promos", file));
  for (const file of ["dwh/jobs/whole/index.mts", "src2/etl/run-all.ts", "src2/etl/both.js", "src2/etl/both.ts"])
    await write(join(root, file));
  await write(join(elsewhere, "evil.ts"));
  await symlink(elsewhere, join(root, "dwh/out"));
  await symlink(join(elsewhere, "evil.ts"), join(root, "jobs/link.ts"));
  await symlink(elsewhere, join(root, "jobs/linked"));
  await symlink(join(root, "jobs/load-promos.ts"), join(root, "jobs/alias.ts"));
  await symlink(join(root, "nowhere.ts"), join(root, "jobs/dangling.ts"));
});

test.each([
  ["jobs/load-promos.ts", "jobs/load-promos.ts"],
  ["./jobs/load-promos.ts", "jobs/load-promos.ts"],
  ["jobs/load-promos", "jobs/load-promos.ts"],
  ["jobs.load-promos", "jobs/load-promos.ts"],
  ["jobs.load-promos.ts", "jobs/load-promos.ts"],
  ["jobs.deep.load", "jobs/deep/load.mjs"],
  ["jobs/a.b.ts", "jobs/a.b.ts"],
  ["jobs/../jobs/a.b", "jobs/a.b.ts"],
  ["pipeline", "pipeline.ts"],
  ["jobs/alias.ts", "jobs/load-promos.ts"],
])("`%s` is %s", async (name, file) => {
  expect(await resolveModule({ root, entries, name })).toBe(join(root, file));
});

const roots = ["dwh", "src2"];

test.each([
  ["dwh.jobs.load_promos.load_promos_job_factory", "dwh/jobs/load_promos/load-promos-job-factory.ts"],
  ["dwh.jobs.load-promos.load-promos-job-factory", "dwh/jobs/load_promos/load-promos-job-factory.ts"],
  ["jobs.load_promos.load_promos_job_factory", "dwh/jobs/load_promos/load-promos-job-factory.ts"],
  ["dwh.jobs.load_promos.twin_a", "dwh/jobs/load_promos/twin_a.ts"],
  ["dwh.jobs.load_promos.twin-a", "dwh/jobs/load_promos/twin-a.ts"],
  ["dwh.jobs.whole", "dwh/jobs/whole/index.mts"],
  ["etl.run_all", "src2/etl/run-all.ts"],
  ["etl.both", "src2/etl/both.ts"],
  ["jobs.load_promos", "jobs/load-promos.ts"],
])("with module roots, `%s` is %s as Python would find it", async (name, file) => {
  expect(await resolveModule({ root, entries, roots, name })).toBe(join(root, file));
});

test("two modules that are alike are told apart by their paths alone", async () => {
  const name = "dwh.jobs.load_promos.near_b_c";
  const error = await expectFailure(resolveModule({ root, entries, roots, name }));
  expect(error).toMatchObject({ code: "MODULE_UNREADABLE", hint: expect.stringContaining("by its path") });
  expect(error.message).toBe(
    `\`${name}\` may be \`dwh/jobs/load_promos/near-b_c\` or \`dwh/jobs/load_promos/near_b-c\``,
  );
});

test.each(["dwh.out.evil", "dwh/out/evil.ts", "src.secret", "jobs_evil.load", "dwh..out.evil"])(
  "module roots do not open `%s`",
  async (name) => {
    const error = await expectFailure(resolveModule({ root, entries, roots, name }));
    expect(["MODULE_OUTSIDE_PROJECT", "MODULE_UNREADABLE"]).toContain(error.code);
    if (error.code === "MODULE_OUTSIDE_PROJECT") expect(error.message).toContain("`gone`, `dwh`, `src2`, got:");
  },
);

test("an absolute path inside the folders is fine", async () => {
  const name = join(root, "jobs/load-promos.ts");
  expect(await resolveModule({ root, entries, name })).toBe(name);
});

test.each([
  "src/secret.ts",
  "jobs-evil/load.ts",
  "jobs/../src/secret.ts",
  "jobs/link.ts",
  "jobs.link",
  "jobs/linked/evil.ts",
  "../no-such-file.ts",
  "/etc/passwd",
  "/no/such/file.ts",
])("`%s` is refused", async (name) => {
  const error = await expectFailure(resolveModule({ root, entries, name }));
  expect(error).toMatchObject({
    code: "MODULE_OUTSIDE_PROJECT",
    message: `expected a module inside \`jobs\`, \`pipeline.ts\`, \`gone\`, got: \`${name}\``,
  });
});

test("a real file outside is refused by its absolute path", async () => {
  const error = await expectFailure(resolveModule({ root, entries, name: join(elsewhere, "evil.ts") }));
  expect(error.code).toBe("MODULE_OUTSIDE_PROJECT");
});

test.each([
  ["jobs/load-promo.ts", "no module `jobs/load-promo.ts` in the project, did you mean `jobs/load-promos.ts`?"],
  ["jobs.deep.laod", "no module `jobs.deep.laod` in the project, did you mean `jobs.deep.load`?"],
  ["jobs/dangling.ts", "no module `jobs/dangling.ts` in the project"],
  ["jobs/notes.txt", "no module `jobs/notes.txt` in the project"],
  ["jobs", "no module `jobs` in the project"],
  ["jobs/load\0.ts", "no module `jobs/load\0.ts` in the project"],
])("`%s` is not there", async (name, message) => {
  const error = await expectFailure(resolveModule({ root, entries, name }));
  expect(error.code).toBe("MODULE_UNREADABLE");
  expect(error.message.slice(0, message.length)).toBe(message);
});

test("no combination of steps leads out of the folders", async () => {
  const step = fc.constantFrom("..", ".", "jobs", "linked", "deep", "src", "evil", "secret.ts", "link.ts", "load", "");
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 5 }),
      fc.constantFrom("/", "."),
      async (steps, separator) => {
        const found = await resolveModule({ root, entries, name: steps.join(separator) }).catch(() => undefined);
        if (found !== undefined) expect(found.startsWith(join(root, "jobs/"))).toBe(true);
      },
    ),
  );
});

async function write(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "export default 1;\n");
}
