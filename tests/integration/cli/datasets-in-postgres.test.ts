// A dataset in Postgres from the command line: its address is in a variable of the environment, and is shown nowhere.
import { rm } from "node:fs/promises";
import { afterEach, expect, test, vi } from "vitest";
import { createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { createTestDatabase } from "../../support/postgres/postgres-test-database.ts";

afterEach(() => vi.unstubAllEnvs());

const project: Readonly<Record<string, string>> = {
  "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({ compute: { threads: 1, memoryLimit: "256MB" } });
`,
  "jobs/serve.ts": `import { sqlJob } from "millrace";
export default sqlJob({
  name: "serve",
  inputs: [],
  sql: "select i as id, 0.50::decimal(4,2) * i as price from range(3) r(i)",
  output: { dataset: "served", postgres: { url: "env:SHOP_DATABASE_URL" } },
});
`,
};

test("runs, readers and `verify` find the address, and the password is in none of what they print", async () => {
  await using database = await createTestDatabase({ migrated: false });
  vi.stubEnv("SHOP_DATABASE_URL", database.url);
  const path = await writeInsideProject(project);
  try {
    const line = createCommandLine(path);
    const printed = [
      await line.run("run", "serve"),
      await line.run("datasets", "head", "served", "--limit", "2"),
      await line.run("datasets", "query", "select sum(price) as total from served"),
      await line.run("datasets", "show", "served"),
      await line.run("verify"),
    ];
    expect(printed.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
    expect(printed[1]?.stdout.split("\n")).toEqual(["id  price", "0   0.00", "1   0.50", ""]);
    expect(printed[2]?.stdout).toBe("total\n1.50\n");
    expect(printed[3]?.stdout).toContain("postgres env:SHOP_DATABASE_URL, table public.served");
    expect(JSON.stringify(printed)).not.toContain(new URL(database.url).password || "no password");
    vi.stubEnv("SHOP_DATABASE_URL", "");
    expect((await line.run("datasets", "head", "served")).stderr).toContain("`SHOP_DATABASE_URL` is not set");
  } finally {
    await rm(path, { recursive: true, force: true });
  }
});
