// What becomes of a row with a value that a step cannot take.
import type { z } from "zod";
import { choice } from "../../core/spec/option-values.ts";
import type { AsideRule } from "./convert-step.ts";
import { refuseSql } from "./step-error.ts";

/** `fail` ends the run, `null` leaves the value empty, `quarantine` sets the row aside. */
export type OnError = "fail" | "null" | "quarantine";

/** The option with this name. */
export function onErrorOption(): z.ZodDefault<z.ZodEnum<{ fail: "fail"; null: "null"; quarantine: "quarantine" }>> {
  return choice(["fail", "null", "quarantine"]).default("fail").describe(onErrorMeaning);
}

const onErrorMeaning =
  "a value that does not fit: `fail` the run, make it `null`, or set its row aside in the `quarantine`";

export interface GuardedValue {
  /** SQL of the value where it fits. */
  readonly value: string;
  /** SQL that is true where it does, never NULL. */
  readonly fits: string;
  /** What is wrong otherwise, such as ``column `a` is no DATE``. */
  readonly problem: string;
}

/** The value under a policy. */
export function guard(
  { value, fits, problem }: GuardedValue,
  onError: OnError,
  where: string,
): { readonly sql: string; readonly aside: readonly AsideRule[] } {
  if (fits === "true") return { sql: value, aside: [] };
  if (onError === "quarantine") {
    return { sql: value, aside: [{ breaks: `NOT ${fits}`, reason: `${where}: ${problem}` }] };
  }
  const otherwise = onError === "fail" ? refuseSql(where, problem) : "NULL";
  return { sql: `CASE WHEN ${fits} THEN ${value} ELSE ${otherwise} END`, aside: [] };
}
