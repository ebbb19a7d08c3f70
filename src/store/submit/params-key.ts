// One short name for params, whatever the order of their keys: with job, tenant and window it identifies what a run does.
import { createHash } from "node:crypto";
import type { Json } from "../rows/run-records.ts";

/** 16 hex digits. Params that differ in the order of keys alone have the same. */
export function toParamsKey(params: Json): string {
  return createHash("sha256").update(canonicalJson(params)).digest("hex").slice(0, 16);
}

function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}
