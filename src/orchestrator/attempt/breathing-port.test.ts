import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import { type AttemptPort, portMethods } from "./attempt-port.ts";
import { createBreathingPort } from "./breathing-port.ts";

const stop = new MillraceError("RUN_STOPPED", "stopped by ada");

/** A port that notes its calls, and a yield point whose turn is due when `isDue`. */
function bench(isDue: boolean, onTurn: (control: AbortController) => void) {
  const calls: string[] = [];
  const control = new AbortController();
  const note = (method: string) => async (): Promise<string> => `${method} ${calls.push(method)}`;
  const port = Object.fromEntries(portMethods.map((method) => [method, note(method)])) as unknown as AttemptPort;
  const turn = (): Promise<void> | undefined => (isDue ? Promise.resolve().then(() => onTurn(control)) : undefined);
  const breathing = createBreathingPort(port, { yieldPoint: { turn }, signal: control.signal });
  const call = (method: (typeof portMethods)[number]): Promise<unknown> =>
    (breathing[method] as () => Promise<unknown>)();
  return { call, calls, control };
}

const nothing = (): void => undefined;

test.each(portMethods)(
  "`%s` gives the loop its turn first, and a stop that came in it ends the handler afterwards",
  async (method) => {
    const resting = bench(false, nothing);
    expect(await resting.call(method)).toBe(`${method} 1`);
    const due = bench(true, nothing);
    expect(await due.call(method)).toBe(`${method} 1`);
    const stopped = bench(true, (control) => control.abort(stop));
    await expect(stopped.call(method)).rejects.toBe(stop);
    expect(stopped.calls).toEqual([method]);
  },
);

test.each(portMethods)(
  "`%s` of a handler that was stopped before still records, and still gives turns",
  async (method) => {
    let turns = 0;
    const { call, control } = bench(true, () => void (turns += 1));
    control.abort(stop);
    expect(await call(method)).toBe(`${method} 1`);
    expect(turns).toBe(1);
  },
);
