// The version of this package, from its own package.json: the one beside `src/` and `dist/` alike.
import { readFileSync } from "node:fs";

/** For example `0.1.0`. */
export function readPackageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return version;
}
