// A store that more than one project can reach takes the first and refuses the others by name.
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectFailure } from "../support/expect-failure.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { openStore, type OpenStoreOptions } from "../../src/app/open-store.ts";

const folder = useTemporaryFolder("open-store");

interface Asking {
  readonly project?: string;
  readonly environment?: string;
  readonly isShared?: boolean;
}

function options(file: string, { project = "sales", environment, isShared = true }: Asking): OpenStoreOptions {
  const database = { schema: "millrace", poolSize: 10 };
  const owner = { project, environment };
  return { databaseUrl: undefined, database, path: join(folder(), file), owner, isShared, bootId: "boot" };
}

async function open(file: string, asking: Asking): Promise<void> {
  await (await openStore(options(file, asking)))[Symbol.asyncDispose]();
}

test("a store belongs to the first project that opens it, and a second one is told whose it is", async () => {
  await open("shared.db", { project: "sales" });
  await open("shared.db", { project: "sales" });
  const error = await expectFailure(open("shared.db", { project: "returns" }));
  expect(error).toMatchObject({ code: "STORE_TAKEN", disposition: "fail" });
  expect(error.message).toContain("project `returns`, got: one of project `sales`");
  expect(error.hint).toContain('`name: "sales"`');
});

test("a project may be renamed where no other one can reach its store", async () => {
  await open("own.db", { project: "sales", isShared: false });
  await expect(open("own.db", { project: "renamed", isShared: false })).resolves.toBeUndefined();
});

test.each([
  [undefined, "prod", "environment `prod`, got: one of the project without an environment", "leave `--env`"],
  ["prod", undefined, "the project without an environment, got: one of environment `prod`", "`--env prod`"],
  ["dev", "prod", "environment `prod`, got: one of environment `dev`", "`--env dev`"],
])("a store of environment %s is refused to %s, wherever it lies", async (first, second, message, hint) => {
  const file = `${first}-${second}.db`;
  const asking = (environment: string | undefined): Asking => ({
    isShared: false,
    ...(environment === undefined ? {} : { environment }),
  });
  await open(file, asking(first));
  const error = await expectFailure(open(file, asking(second)));
  expect(error).toMatchObject({ code: "STORE_TAKEN", hint: expect.stringContaining(hint) });
  expect(error.message).toContain(message);
});
