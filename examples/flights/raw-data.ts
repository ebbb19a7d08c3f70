import { fileURLToPath } from "node:url";

/** Absolute path of a raw file, as the npm package `vega-datasets` ships it. */
export function rawData(file: string): string {
  return fileURLToPath(new URL(`../data/${file}`, import.meta.resolve("vega-datasets")));
}
