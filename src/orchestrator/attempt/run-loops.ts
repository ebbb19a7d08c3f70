// `ctx.each` of one attempt. Each loop of a run has its own units, by its name or by its place among the loops, so two loops
// over the same keys are two sets. What is remembered of a loop without a name is the text of its code: when another loop
// comes in its place, the attempt is refused instead of leaving out what the other one has done.
import { createHash } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";
import type { EachOptions, JobContext } from "../../core/job/job-context.ts";
import type { Json } from "../../store/rows/run-records.ts";
import { assertFunction, unexpected } from "./assert-argument.ts";
import type { CreateJobContextInput } from "./job-context-input.ts";
import { runUnits, type UnitStore } from "./run-units.ts";
import { StepNames } from "./step-names.ts";

type LoopInput = Pick<CreateJobContextInput, "run" | "lease" | "recorder" | "signal" | "yieldPoint" | "onItemFailure">;

/** `ctx.each` of one attempt. */
export function createEach(input: LoopInput): JobContext["each"] {
  const { recorder, signal, yieldPoint, onItemFailure } = input;
  const names = new StepNames("each");
  return async (items, options, work) => {
    yieldPoint.assertOpen();
    assertLoop(items, options, work);
    const step = names.next(options.name);
    if (options.name === undefined) await rememberLoop(input, step, codeOf(options.key, work));
    const total = Array.isArray(items) ? { total: items.length } : {};
    const onProgress = (done: number): void => recorder.progress({ done, ...total });
    const beforeEach = (): Promise<void> | undefined => {
      yieldPoint.safePlace();
      return yieldPoint.turn();
    };
    const store = unitStoreOf(input, step.slice("each:".length));
    const result = await runUnits({ items, options, work, store, signal, onProgress, beforeEach });
    for (const { key, message } of result.failures) onItemFailure(`item \`${key}\`: ${message}`);
    return result;
  };
}

function unitStoreOf({ lease }: LoopInput, loop: string): UnitStore {
  return {
    load: () => lease.loadUnits(loop),
    save: (units) => lease.saveUnits(units.map((unit) => ({ ...unit, loop }))),
  };
}

function assertLoop(items: unknown, options: EachOptions<never> | undefined, work: unknown): void {
  const isIterable = Object(items)[Symbol.iterator] !== undefined || Object(items)[Symbol.asyncIterator] !== undefined;
  if (!isIterable) throw unexpected("items of ctx.each", "a list or an iterable", items);
  assertFunction("key of ctx.each", options?.key);
  assertFunction("work of ctx.each", work);
  const { onItemError = "fail" } = options ?? {};
  if (onItemError === "fail" || onItemError === "continue") return;
  throw unexpected("onItemError of ctx.each", "`continue` or `fail`", onItemError);
}

function codeOf(...parts: readonly unknown[]): string {
  return createHash("sha256").update(parts.map(String).join("\0")).digest("hex").slice(0, 16);
}

// Code that was edited since goes on with what was done; code that was at another place then does not.
async function rememberLoop({ run, lease }: LoopInput, step: string, code: string): Promise<void> {
  const known = await lease.loadStep(step);
  if (known === undefined) return await lease.saveStep(step, { code });
  if (isOf(known.value, code)) return;
  for (let place = 1; ; place += 1) {
    const other = await lease.loadStep(`each:${place}`);
    if (other === undefined) return;
    if (!isOf(other.value, code)) continue;
    const message = `expected \`${step}\` of job \`${run.job}\` to be the loop of an earlier attempt, got the one that was: \`each:${place}\``;
    throw new MillraceError("WAIT_CHANGED", message, {
      hint: "loops come in another order than before: give each a `name`",
    });
  }
}

function isOf(value: Json, code: string): boolean {
  return typeof value === "object" && value !== null && "code" in value && value["code"] === code;
}
