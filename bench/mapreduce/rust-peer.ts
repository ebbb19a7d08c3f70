// The peer in Rust, built from its locked crates at the first use.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { cacheFolder, repositoryRoot } from "../harness/bench-folder.ts";

const crate = join(repositoryRoot, "bench/peers/count-by-field");
const target = join(cacheFolder, "count-by-field");

/** @returns the program; needs `cargo` */
export function buildRustPeer(): string {
  execFileSync("cargo", ["build", "--release", "--locked", "--quiet", "--target-dir", target], { cwd: crate });
  return join(target, "release/count-by-field");
}

export interface RustCount {
  readonly wallMs: number;
  readonly peakMb: number;
}

/** Counts the lines of a log by a field into a file of `count<tab>key`. */
export function countInRust(program: string, log: string, output: string, threads: number, field: number): RustCount {
  return JSON.parse(
    execFileSync(program, [log, String(threads), String(field), output], { encoding: "utf8" }),
  ) as RustCount;
}
