// Tables of Amazon Redshift. A schema remembers which runs have published to it; what they put into a bucket for the cluster to read goes
// when they are over.
import { toDatabaseName } from "../../../connections/database/database-choice.ts";
import type { TargetFormat } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { findRedshiftDamage } from "./damage.ts";
import { deleteRedshiftTable } from "./deletion.ts";
import { redshiftLeftovers } from "./leftovers.ts";
import { assertRedshiftOptions, type RedshiftOptions, redshiftSpec } from "./options.ts";
import { readRedshiftTable } from "./relation.ts";
import { createRedshiftTarget } from "./target.ts";

export const redshift: TargetFormat<RedshiftOptions, TableLocation> = {
  name: "redshift",
  abilities: { merges: true, keepsHistory: false, partitions: false, changesMode: true, keepsVersions: false },
  summary: "a table in Amazon Redshift, loaded by COPY from a bucket",
  options: redshiftSpec,
  assertOptions: assertRedshiftOptions,
  open: (options, { dataset }) => {
    const { schema = "public", table = dataset } = options;
    return createRedshiftTarget(toDatabaseName(options), { schema, table }, options);
  },
  read: readRedshiftTable,
  leftovers: redshiftLeftovers,
  findDamage: findRedshiftDamage,
  deleteTable: deleteRedshiftTable,
};
