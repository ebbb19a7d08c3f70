// A session for somebody who looks at tables: what is copied for it is gone when the look is over.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, EngineSession } from "../../compute/engine.ts";
import type { OpenDatasetOptions } from "./dataset-relation.ts";

export interface LookInput {
  readonly engine: Engine;
  /** Where a table may be copied to while it is read. */
  readonly staging: string;
}

/** Damage that was got round is told when a dataset is verified, and not to those who look at rows. */
export async function lookAt<T>(
  { engine, staging }: LookInput,
  work: (session: EngineSession, options: OpenDatasetOptions) => Promise<T>,
): Promise<T> {
  const spool = join(staging, `look-${randomUUID()}`);
  await using session = await engine.open();
  try {
    return await work(session, { spool, warn: () => undefined });
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}
