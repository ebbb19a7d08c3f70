// From a declared step to its kind.
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { StepKind } from "./convert-step.ts";
import * as kinds from "./steps/steps.ts";

/** All kinds of steps. */
export const stepKinds: readonly StepKind[] = Object.values(kinds);

/** A step with its kind and its place, from 1. */
export interface NamedStep {
  readonly kind: StepKind;
  readonly step: object;
  readonly number: number;
}

/** The kinds that a step names; exactly one in a step that makes sense. */
export function listNamedKinds(step: object): readonly StepKind[] {
  const said = Object.entries(step).filter(([, value]) => value !== undefined);
  return said.flatMap(([option]) => stepKinds.find(({ name }) => name === option) ?? []);
}

/** Steps that were looked at when their job was defined. */
export function listSteps(steps: readonly ConvertStep[]): readonly NamedStep[] {
  return steps.map((given, index) => {
    const step = toObject(given);
    const [kind] = listNamedKinds(step);
    if (kind === undefined) throw new MillraceError("INTERNAL", "a step has no kind");
    return { kind, step, number: index + 1 };
  });
}

/** A function alone stands for a step that calls it. */
export function toObject(step: ConvertStep): object {
  return typeof step === "function" ? { map: step } : step;
}
