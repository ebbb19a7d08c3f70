// What the processes did, written down outside of the orchestrator: one append-only file for each process. A line is one write
// of the system, so it survives the kill of its writer; nothing is ever changed or read back by the writers.
import { closeSync, openSync, writeSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One line of the ledger. `run` is the number of a run, `effect` names one effect of it. */
export type LedgerEntry =
  /** A submitter is about to submit that order. */
  | { readonly kind: "ordered"; readonly order: number }
  /** The orchestrator acknowledged the order with these runs. */
  | { readonly kind: "acknowledged"; readonly order: number; readonly runs: readonly number[] }
  /** A handler carried out the effect; `token` is unique to this one time. */
  | { readonly kind: "tried"; readonly run: number; readonly effect: string; readonly token: string }
  /** The orchestrator told a handler that the effect with that token counts. */
  | { readonly kind: "kept"; readonly run: number; readonly effect: string; readonly token: string }
  /** The orchestrator told a worker that it accepted the end of the run. */
  | { readonly kind: "ended"; readonly run: number; readonly epoch: number };

/** Writes one process's part of the ledger. */
export interface LedgerWriter extends Disposable {
  write(entry: LedgerEntry): void;
  /** A token that no process has used before. */
  token(): string;
}

/** @param folder of the whole ledger; it exists */
export function openLedger(folder: string): LedgerWriter {
  const name = `${process.pid}-${Math.round(performance.timeOrigin * 1_000).toString(36)}`;
  const file = openSync(join(folder, `${name}.jsonl`), "a");
  let tokens = 0;
  return {
    write: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    token: () => `${name}.${(tokens += 1)}`,
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** All entries, in order within each process. A line that its writer did not finish is not one. */
export async function readLedger(folder: string): Promise<LedgerEntry[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
  const entries: LedgerEntry[] = [];
  for (const name of names) {
    const lines = (await readFile(join(folder, name), "utf8")).split("\n").slice(0, -1);
    for (const line of lines) entries.push(JSON.parse(line) as LedgerEntry);
  }
  return entries;
}
