// What is different when a dataset of credentials is published: its rows are told to whoever masks secrets, nothing of them is
// kept when a check fails, and a credential that could not be renewed for good is no credential any more.
import { rm } from "node:fs/promises";
import type { EngineSession } from "../../compute/engine.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import { sealedPath } from "./sealed-table.ts";

/** Tells texts among the rows of a source, as far as they are long enough to be secrets. */
export async function tellRows(session: EngineSession, sql: string, onSecret: (secret: string) => void): Promise<void> {
  for (const row of await session.query(`${sql} LIMIT 1000`)) tellValues(row, onSecret);
}

/** Tells every text in a value, however deep. */
export function tellValues(value: unknown, onSecret: (secret: string) => void): void {
  if (typeof value === "string" && value.length >= shortestSecret) onSecret(value);
  if (typeof value === "object" && value !== null) {
    for (const below of Object.values(value)) tellValues(below, onSecret);
  }
}

/** Shorter texts, such as `Bearer` and `3600`, are in too many messages to be masked. */
const shortestSecret = 8;

/**
 * What was there before a renewal that failed for good is removed, so that nobody goes on with it; a failure that may pass leaves it.
 * @throws what the renewal failed with
 */
export async function dropWhenRefused<T>(
  { home, dataset }: { readonly home: string; readonly dataset: string },
  renew: () => Promise<T>,
): Promise<T> {
  try {
    return await renew();
  } catch (error) {
    if (classifyError(error).disposition === "fail") await rm(sealedPath({ home, dataset }), { force: true });
    throw error;
  }
}
