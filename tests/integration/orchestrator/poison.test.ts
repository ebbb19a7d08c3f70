// One run may ruin its own execution and nobody else's. `node scripts/poison-matrix.ts` plays every poison in every isolation.
import { beforeAll, expect, test } from "vitest";
import type { Poison, PoisonMode } from "../../support/workers/poison-jobs.ts";
import { type PoisonOutcome, playPoison } from "../../support/workers/poison-scene.ts";

const sample: readonly (readonly [Poison, PoisonMode, string | undefined])[] = [
  ["a forgotten rejection", "inline", "JOB_FAILED"],
  ["kill -9", "inline", "ISOLATE_DIED"],
  ["a loop without an end", "inline", undefined],
  ["an engine that it makes invalid", "inline", "ENGINE_FAILED"],
  ["a throw in a timer", "thread", "JOB_FAILED"],
  ["a crash of native code", "thread", "ISOLATE_DIED"],
  ["process.exit", "process", "ISOLATE_DIED"],
];

// Scenes wait for processes more than they compute, so a few are played at once.
const atOnce = 3;
const outcomes = new Map<string, PoisonOutcome>();

beforeAll(async () => {
  const rest = [...sample];
  const play = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [poison, mode] = next;
      outcomes.set(`${poison} ${mode}`, await playPoison(poison, mode));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, play));
}, 180_000);

test.each(sample)(
  "three healthy runs beside %s in %s isolation finish, executed again at most once",
  (poison, mode, code) => {
    const outcome = outcomes.get(`${poison} ${mode}`);
    expect(outcome?.states).toEqual(["FINISHED", "FINISHED", "FINISHED"]);
    expect(Math.max(...(outcome?.executions ?? []))).toBeLessThanOrEqual(2);
    expect(outcome?.poisoned.code).toBe(code);
    if (poison === "a forgotten rejection") expect(outcome?.poisoned.causes).toEqual(["nobody waits for me"]);
    if (poison === "a loop without an end") expect(outcome?.why).toMatch(/that worker is not heard of any more/);
  },
);
