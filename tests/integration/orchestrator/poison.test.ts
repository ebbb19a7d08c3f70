// One run may ruin its own execution and nobody else's. `node scripts/poison-matrix.ts` plays every poison in every isolation.
import { expect, test } from "vitest";
import type { Poison, PoisonMode } from "../../support/poison-jobs.ts";
import { playPoison } from "../../support/poison-scene.ts";

const sample: readonly (readonly [Poison, PoisonMode, string | undefined])[] = [
  ["a forgotten rejection", "inline", "JOB_FAILED"],
  ["kill -9", "inline", "ISOLATE_DIED"],
  ["a loop without an end", "inline", undefined],
  ["an engine that it makes invalid", "inline", "ENGINE_FAILED"],
  ["a throw in a timer", "thread", "JOB_FAILED"],
  ["a crash of native code", "thread", "ISOLATE_DIED"],
  ["process.exit", "process", "ISOLATE_DIED"],
];

// They wait for processes more than they compute.
test.concurrent.each(sample)(
  "three healthy runs beside %s in %s isolation finish, executed again at most once",
  { timeout: 60_000 },
  async (poison, mode, code) => {
    const { states, executions, poisoned, why } = await playPoison(poison, mode);
    expect(states).toEqual(["FINISHED", "FINISHED", "FINISHED"]);
    expect(Math.max(...executions)).toBeLessThanOrEqual(2);
    expect(poisoned.code).toBe(code);
    if (poison === "a forgotten rejection") expect(poisoned.causes).toEqual(["nobody waits for me"]);
    if (poison === "a loop without an end") expect(why).toMatch(/that worker is not heard of any more/);
  },
);
