// The strategies that extractors can have: one line each.
import { csv } from "./csv.ts";
import { delta } from "./delta.ts";
import { jdbc } from "./jdbc.ts";
import type { Described, ExtractorStrategy } from "../strategy.ts";
import { parquet } from "./parquet.ts";

export const extractors: readonly Described<ExtractorStrategy>[] = [parquet, delta, jdbc, csv];
