// A store that more than one project can reach takes the first and refuses the others by name.
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectFailure } from "../support/expect-failure.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { openStore, type OpenStoreOptions } from "../../src/app/open-store.ts";

const folder = useTemporaryFolder("open-store");

function options(file: string, project: string | undefined): OpenStoreOptions {
  const database = { schema: "millrace", poolSize: 10 };
  return { databaseUrl: undefined, database, path: join(folder(), file), project, bootId: "boot" };
}

test("a store belongs to the first project that opens it, and a second one is told whose it is", async () => {
  await (await openStore(options("shared.db", "sales")))[Symbol.asyncDispose]();
  await (await openStore(options("shared.db", "sales")))[Symbol.asyncDispose]();
  const error = await expectFailure(openStore(options("shared.db", "returns")));
  expect(error).toMatchObject({ code: "STORE_TAKEN", disposition: "fail" });
  expect(error.message).toContain("project `returns`, got: one of project `sales`");
  expect(error.hint).toContain('`name: "sales"`');
});

test("a store that was opened without a name belongs to nobody yet", async () => {
  await (await openStore(options("own.db", undefined)))[Symbol.asyncDispose]();
  await (await openStore(options("own.db", "sales")))[Symbol.asyncDispose]();
  await (await openStore(options("own.db", undefined)))[Symbol.asyncDispose]();
});
