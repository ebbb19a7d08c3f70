// One side of an engine bench: a program in a process of its own that runs a scenario and tells what it took.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { runNode } from "../harness/node-process.ts";

export type PeerName = "graphile-worker" | "pg-boss" | "bullmq" | "dbos";

export interface SideResult {
  /** Milliseconds for all of it. */
  readonly ms?: number;
  /** Milliseconds for each of many. */
  readonly values?: readonly number[];
}

export interface SideInput {
  readonly scenario: string;
  /** A Postgres URL, or for Millrace the path of a SQLite file. */
  readonly address: string;
  readonly count: number;
}

const peersFolder = join(import.meta.dirname, "../peers");

/** Millrace, from the present source. */
export function runMillrace(input: SideInput): SideResult {
  const program = join(import.meta.dirname, "engine-process.ts");
  return run(["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", program], input);
}

/** An engine of somebody else, at the version in peers/package.json. */
export function runPeer(peer: PeerName, input: SideInput): SideResult {
  return run(["--no-deprecation", join(peersFolder, `${peer}.mjs`)], input);
}

/** Installs the peers once, exactly as locked; they are no dependencies of the repository. */
export function installPeers(): void {
  if (existsSync(join(peersFolder, "node_modules/.package-lock.json"))) return;
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", peersFolder];
  const { status, stderr } = spawnSync("npm", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the peers could not be installed:\n${stderr}`);
}

function run(args: readonly string[], { scenario, address, count }: SideInput): SideResult {
  const { stdout } = runNode([...args, scenario, address, String(count)]);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as SideResult;
}

/** Microseconds for each run of a scenario that tells its total. */
export function perRunUs({ ms }: SideResult, count: number): number {
  if (ms === undefined) throw new Error("the scenario told no total");
  return (ms * 1_000) / count;
}

/** Nearest rank of what a scenario told one by one. */
export function rankMs({ values }: SideResult, share: number): number {
  const sorted = (values ?? []).toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error("the scenario told no values");
  return value;
}
