// What an interrupted publication of a Parquet file leaves: the hidden file that was to be renamed.
import { rm } from "node:fs/promises";
import type { Leftovers } from "../../target.ts";
import { type TemporaryIntent, temporaryLeftovers } from "../temporary-leftovers.ts";

export const parquetLeftovers: Leftovers<TemporaryIntent> = temporaryLeftovers("parquet", (file) =>
  rm(file, { force: true }),
);
