import { afterAll, beforeAll, beforeEach } from "vitest";
import { describeTargetContract } from "../../../../tests/conformance/target.ts";
import { type MariaDbServer, startMariaDb } from "../../../../tests/services/mariadb/mariadb-server.ts";
import { lendVariables } from "../../../connections/variables.ts";

let server: MariaDbServer;
let database: string;
beforeAll(async () => {
  server = await startMariaDb();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  database = await server.createDatabase();
  lendVariables((name) => (name === "TEST_SHOP_URL" ? server.url(database) : undefined));
});

describeTargetContract("mysql", {
  options: () => ({ mysql: { url: "env:TEST_SHOP_URL" } }),
  lacks: ["structs"],
  canMerge: true,
  remove: async ({ table }) => void (await server.query(`drop table \`${table}\``, database)),
  failpoints: {
    before: ["staged", "mysql:publishing", "mysql:written"],
    after: ["mysql:committed", "recorded"],
  },
});
