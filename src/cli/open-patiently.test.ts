import { expect, test } from "vitest";
import type { App } from "../app/app.ts";
import { type Environment, readEnvironment } from "../config.ts";
import { errorCodes, type ErrorCode } from "../core/errors/error-codes.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { openPatiently, patiently } from "./open-patiently.ts";

const app = {} as App;
const database: Environment = { ...readEnvironment(), databaseUrl: "postgres://db/jobs" };

function fails(times: number, error: Error, environment = database) {
  let tries = 0;
  const notes: string[] = [];
  return {
    notes,
    environment,
    terminal: { note: (text: string) => void notes.push(text) },
    openApp: async () => {
      tries += 1;
      if (tries <= times) throw error;
      return app;
    },
    tries: () => tries,
  };
}

function away(state: string): MillraceError {
  return new MillraceError("STORE_UNAVAILABLE", `store is away (${state})`, {
    cause: Object.assign(new Error(state), { code: state }),
  });
}

test.each(["ECONNREFUSED", "ENOTFOUND", "57P03", "53300", ""])(
  "a database that is away with `%s` is waited for, and said so once",
  async (state) => {
    const opening = fails(8, away(state));
    const pauses: number[] = [];
    const wait = async (ms: number): Promise<void> => void pauses.push(ms);
    expect(await openPatiently(opening, new AbortController().signal, wait)).toBe(app);
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    expect(opening.notes).toEqual([`store is away (${state}); waiting for it, Ctrl-C ends the wait`]);
  },
);

test.each(["28P01", "28000", "3D000", "42501", "42P01"])(
  "what only a person can correct is not (`%s`)",
  async (state) => {
    const opening = fails(1, away(state));
    await expect(openPatiently(opening, new AbortController().signal)).rejects.toThrow(state);
  },
);

test("no other error is waited for, and no store in a file", async () => {
  for (const code of (Object.keys(errorCodes) as ErrorCode[]).filter((known) => known !== "STORE_UNAVAILABLE")) {
    const opening = fails(1, new MillraceError(code, "no"));
    await expect(openPatiently(opening, new AbortController().signal)).rejects.toMatchObject({ code });
  }
  const inFile = fails(1, away("ECONNREFUSED"), { ...database, databaseUrl: undefined });
  await expect(openPatiently(inFile, new AbortController().signal)).rejects.toThrow("away");
});

test("Ctrl-C ends the wait", async () => {
  const control = new AbortController();
  const opening = fails(9, away("ECONNREFUSED"));
  const opened = openPatiently(opening, control.signal);
  control.abort();
  expect(await opened).toBeUndefined();
  expect(opening.tries()).toBe(1);
});

test("work that finds the database gone after the project was opened is begun again, and given up with Ctrl-C", async () => {
  const opening = fails(2, away("ECONNREFUSED"));
  const wait = async (): Promise<void> => undefined;
  expect(await patiently(opening, new AbortController().signal, opening.openApp, wait)).toBe(app);
  expect(opening.tries()).toBe(3);
  const control = new AbortController();
  const gone = fails(9, away("57P01"));
  const leaving = async (): Promise<void> => control.abort();
  expect(await patiently(gone, control.signal, gone.openApp, leaving)).toBeUndefined();
  expect(gone.tries()).toBe(1);
});
