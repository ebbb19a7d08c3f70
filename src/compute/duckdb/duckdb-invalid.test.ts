// An instance that declared itself invalid, with the messages that DuckDB 1.5 has for it; no input is known to do it for ever.
import fc from "fast-check";
import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { EngineSession } from "../engine.ts";
import { createDuckDbEngine } from "./duckdb-engine.ts";
import { isInvalidEngine, toEngineError } from "./duckdb-error.ts";
import type { DuckDbModule } from "./duckdb-module.ts";

const original = "Attempted to access index 2 within vector of size 2";
const invalidated = `Failed: database has been invalidated because of a previous fatal error. The database must be restarted prior to being used again.\nOriginal error: "${original}"`;

/** As with `errors_as_json` and without. */
const forms = {
  json: (kind: string, text: string) => JSON.stringify({ exception_type: kind, exception_message: text }),
  plain: (kind: string, text: string) => `${kind} Error: ${text}`,
};

/** Instances on which the statements `INTERNAL` and `FATAL` fail so, and all others from then on. */
function fakeDuckDb(form: keyof typeof forms): () => Promise<DuckDbModule> {
  const create = async () => {
    let isInvalid = false;
    const run = async (sql: string): Promise<void> => {
      if (isInvalid) throw new Error(forms[form]("FATAL", invalidated));
      if (sql !== "INTERNAL" && sql !== "FATAL") return;
      isInvalid = true;
      throw new Error(forms[form](sql, original));
    };
    return { connect: async () => ({ run, closeSync: () => undefined }), closeSync: () => undefined };
  };
  return async () => ({ DuckDBInstance: { create } }) as unknown as DuckDbModule;
}

async function outcome(session: EngineSession, sql: string): Promise<string> {
  try {
    await session.execute(sql);
    return "fine";
  } catch (error) {
    return error instanceof MillraceError ? error.code : String(error);
  }
}

interface Modelled {
  readonly session: EngineSession;
  readonly instance: { brokenBy?: Modelled };
}

test("the session that broke the engine is told apart from those beside it, and a new one always works", async () => {
  const step = fc.record({ session: fc.nat(3), what: fc.constantFrom("open", "select 1", "INTERNAL", "FATAL") });
  const scenario = fc.record({
    form: fc.constantFrom("json" as const, "plain" as const),
    steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ form, steps }) => {
      await using engine = createDuckDbEngine({}, fakeDuckDb(form));
      let current: Modelled["instance"] = {};
      const open = new Map<number, Modelled>();
      for (const { session: name, what } of steps) {
        if (what === "open" || !open.has(name)) {
          open.set(name, { session: await engine.open(), instance: current });
          continue;
        }
        const used = open.get(name);
        if (used === undefined) continue;
        const { instance } = used;
        const seen = await outcome(used.session, what);
        if (instance.brokenBy !== undefined) {
          expect(seen).toBe(instance.brokenBy === used ? "ENGINE_FAILED" : "ENGINE_RESTARTED");
        } else if (what === "select 1") expect(seen).toBe("fine");
        else {
          expect(seen).toBe("ENGINE_FAILED");
          instance.brokenBy = used;
          if (current === instance) current = {};
        }
      }
      expect(await outcome(await engine.open(), "select 1")).toBe("fine");
    }),
    { numRuns: 300 },
  );
});

test("an engine that became invalid while a session was opened says so, and is forgotten", async () => {
  let instances = 0;
  const load = async (): Promise<DuckDbModule> => {
    const create = async () => {
      const isFirst = (instances += 1) === 1;
      const run = async (): Promise<void> => {
        if (isFirst) throw new Error(forms.plain("FATAL", invalidated));
      };
      return { connect: async () => ({ run, closeSync: () => undefined }), closeSync: () => undefined };
    };
    return { DuckDBInstance: { create } } as unknown as DuckDbModule;
  };
  await using engine = createDuckDbEngine({}, load);
  await expect(engine.open()).rejects.toMatchObject({ code: "ENGINE_RESTARTED", disposition: "retry" });
  expect(await outcome(await engine.open(), "select 1")).toBe("fine");
});

test.each(["json", "plain"] as const)(
  "an attached file that has no space left is no broken engine (%s)",
  async (form) => {
    const text = `Detached database 'd', but CHECKPOINT during DETACH failed. \nCheckpoint failed for database "d". The database has been invalidated. Original error: Could not write file "/out/t.duckdb": No space left on device`;
    const error = new Error(forms[form]("IO", text));
    expect(isInvalidEngine(error)).toBe(false);
    expect(toEngineError(error).code).toBe("DISK_FULL");
  },
);
