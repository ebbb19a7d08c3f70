// One SQL session for the tests of a file.
import { afterAll, beforeAll } from "vitest";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import type { Engine, EngineSession } from "../../../src/compute/engine.ts";

/** Opens the session before the first test and closes it after the last; the function returned gives it. */
export function useEngineSession(): () => EngineSession {
  let engine: Engine | undefined;
  let session: EngineSession | undefined;
  beforeAll(async () => {
    engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
    session = await engine.open();
  });
  afterAll(async () => {
    await session?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
  });
  return () => {
    if (session === undefined) throw new Error("the session is open in tests only");
    return session;
  };
}
