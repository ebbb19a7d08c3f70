// The strategies that loaders can have: one line each.
import type { Described, LoaderStrategy } from "../strategy.ts";
import { delta } from "./delta.ts";
import { mysql } from "./mysql.ts";
import { noop } from "./noop.ts";
import { parquet } from "./parquet.ts";
import { postgres } from "./postgres.ts";
import { redshift } from "./redshift.ts";
import { sqlite } from "./sqlite.ts";

export const loaders: readonly Described<LoaderStrategy>[] = [delta, parquet, postgres, redshift, mysql, sqlite, noop];
