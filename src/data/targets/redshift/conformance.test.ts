import { beforeEach } from "vitest";
import { describeTargetContract } from "../../../../tests/conformance/target.ts";
import { lendRedshift, redshiftName } from "../../../../tests/support/redshift/redshift-warehouse.ts";

const redshift = lendRedshift();
let schema = 0;
beforeEach(() => {
  schema += 1;
});

describeTargetContract("redshift", {
  options: () => ({ redshift: { url: redshiftName, schema: `s${schema}`, staging: { connection: "lake" } } }),
  lacks: ["structs", "capitals"],
  canMerge: true,
  keepsHistory: false,
  remove: async ({ table }) => void (await redshift.database.query(`drop table ${table}`)),
  failpoints: {
    before: ["staged", "redshift:staged", "redshift:loaded", "redshift:written"],
    after: ["redshift:committed", "recorded"],
  },
});
