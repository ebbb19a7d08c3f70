// What the processes of a chaos run are told at their start, as JSON in their only argument.
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import type { Store } from "../../../src/store/store.ts";

export type ChaosStoreOptions =
  | { readonly dialect: "sqlite"; readonly path: string }
  | { readonly dialect: "postgres"; readonly url: string };

export interface ProgramOptions {
  readonly store: ChaosStoreOptions;
  /** Folder of the ledger. */
  readonly ledger: string;
  readonly leaseTtlMs: number;
  readonly slots: number;
  /** How long the job `spin` blocks its worker. */
  readonly spinMs: number;
  /** True for a worker that says it is of another host, so that nobody here can tell that it is dead but by its lease. */
  readonly isForeign: boolean;
  /** The plan of the orders. */
  readonly plan: { readonly runs: number; readonly seed: number; readonly poisons: number };
}

/** The options of this process. */
export function readProgramOptions(): ProgramOptions {
  const text = process.argv[2];
  if (text === undefined) throw new Error("expected the options as JSON");
  return JSON.parse(text) as ProgramOptions;
}

/** Loads only the adapter that is used, so that a killed process is soon back. */
export async function openChaosStore(options: ChaosStoreOptions): Promise<Store> {
  if (options.dialect === "postgres") {
    const { createPostgresStore } = await import("../../../src/store/postgres/postgres-store.ts");
    return createPostgresStore({ url: options.url });
  }
  const { createSqliteStore } = await import("../../../src/store/sqlite/sqlite-store.ts");
  return createSqliteStore({ path: options.path, clock: createSystemClock() });
}

/** Opens the store, again and again while it is away: the process was started into the middle of a fault. */
export async function openPatiently(options: ChaosStoreOptions): Promise<Store> {
  for (;;) {
    try {
      return await openChaosStore(options);
    } catch (error) {
      reportTrouble(error);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Trouble that the process survives; the fleet counts it by its code. */
export function reportTrouble(error: unknown): void {
  const code = error instanceof Error && "code" in error ? String(error.code) : "NO_CODE";
  process.stderr.write(`trouble ${code} ${error instanceof Error ? error.message : String(error)}\n`);
}

/** Ends the process when the one that started it is gone. */
export function endWithParent(): void {
  process.stdin.once("end", () => process.exit(1));
  process.stdin.resume();
}
