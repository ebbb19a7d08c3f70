import fc from "fast-check";
import { expect, test } from "vitest";
import { applyTransition, isTerminal, type RunState, type Transition, transitions } from "./run-state.ts";

const names = Object.keys(transitions) as Transition[];

test("the life of a run from submission to its end", () => {
  const path: Transition[] = ["submit", "claim", "retry", "claim", "snooze", "claim", "finish"];
  expect(path.reduce<RunState>(applyTransition, "NOT_STARTED")).toBe("FINISHED");
});

test("a transition from the wrong state is refused with the allowed ones", () => {
  expect(() => applyTransition("FINISHED", "claim")).toThrowError(
    "expected a run to be PENDING for `claim`, got: `FINISHED`",
  );
});

test("FINISHED is left by nothing, and no walk reaches a state outside the table", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 40 }), (walk) => {
      let state: RunState = "NOT_STARTED";
      for (const name of walk) {
        const allowed = (transitions[name].from as readonly RunState[]).includes(state);
        if (!allowed) {
          expect(() => applyTransition(state, name)).toThrowError("expected a run to be");
          continue;
        }
        expect(state).not.toBe("FINISHED");
        state = applyTransition(state, name);
      }
      expect(isTerminal(state)).toBe(state === "FINISHED" || state === "ERROR");
    }),
  );
});
