// Checks the steps of `convert` when a job is defined. What only the rows can tell comes later.
import { z } from "zod";
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { isSecretKey } from "../../core/errors/secret-redactor.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { callback } from "../../core/spec/option-values.ts";
import { type OptionPath, parseOptions, refusal } from "../../core/spec/parse-options.ts";
import { listVariables, parseTemplate } from "../requests/template.ts";
import { listNamedKinds, listSteps, type NamedStep, stepKinds, toObject } from "./step-registry.ts";
import type * as kinds from "./steps/steps.ts";
import { listUnitScopes } from "./unit-values.ts";

/** Name of a kind of step. The package exports it, so that whoever reads its types also reads `ConvertSteps` as it is below. */
export type StepKindName = keyof typeof kinds;

/** Kind → what a job says of such a step. */
type DeclaredSteps = { readonly [Name in StepKindName]: Parameters<(typeof kinds)[Name]["plan"]>[0] };

declare module "../../core/dataset/convert-step.ts" {
  interface ConvertSteps extends DeclaredSteps {}
}

/** The steps as any of their forms, for descriptions of a job; `assertConvert` says what is wrong with one. */
export function convertSchema(): z.ZodType<readonly ConvertStep[], readonly ConvertStep[]> {
  const forms = stepKinds.map(({ options }) => options.schema);
  const step = z.union([...forms, callback()]);
  return z.array(step).readonly() as unknown as z.ZodType<readonly ConvertStep[], readonly ConvertStep[]>;
}

/** The inputs of a job whose values are in no row. */
export interface ConvertScope {
  /** Names of variables that hold tokens. */
  readonly secrets: readonly string[];
}

/**
 * @param steps not yet checked
 * @param path to them, below `where`
 * @throws MillraceError `JOB_INVALID` naming job, step and option
 */
export function assertConvert(where: string, path: OptionPath, steps: unknown, scope: ConvertScope): void {
  if (steps === undefined) return;
  if (!Array.isArray(steps)) throw refusal(where, path, "a list of steps", steps);
  for (const [index, step] of (steps as unknown[]).entries()) assertStep(where, [...path, index], step);
  let opaque: NamedStep | undefined;
  const list = listSteps(steps as ConvertStep[]);
  assertNothingShown(where, path, list);
  for (const named of list) {
    assertVariables(where, path, named, scope, opaque);
    if (named.kind.keepsRows !== true) opaque ??= named;
  }
}

/** Whether a step sets rows aside. */
export function setsAside(steps: readonly ConvertStep[]): boolean {
  return listSteps(steps).some(({ kind, step }) => kind.setsAside?.(step) === true);
}

/** Texts of all steps that may have variables. */
export function listTexts(steps: readonly ConvertStep[]): { readonly text: string; readonly where: string }[] {
  return listSteps(steps).flatMap(({ kind, step, number }) =>
    (kind.texts?.(step) ?? []).map(({ text }) => ({ text, where: `step ${number} (\`${kind.name}\`)` })),
  );
}

/** Whether a step may make rows out of none. */
export function isOpaque(steps: readonly ConvertStep[]): boolean {
  return listSteps(steps).some(({ kind }) => kind.isOpaque === true);
}

/** What of the steps is SQL, as selects. */
export function listSelects(steps: readonly ConvertStep[]): readonly string[] {
  return listSteps(steps).flatMap(({ kind, step }) => kind.selects?.(step) ?? []);
}

function assertStep(where: string, path: OptionPath, given: unknown): void {
  const names = stepKinds.map(({ name }) => name);
  const expected = `a step with exactly one of ${names.map((name) => `\`${name}\``).join(", ")}, or a function`;
  if ((typeof given !== "object" && typeof given !== "function") || given === null) {
    throw refusal(where, path, expected, given);
  }
  const step = toObject(given as ConvertStep);
  const [kind, ...others] = listNamedKinds(step);
  if (kind === undefined) throw unknownStep(where, path, step, names) ?? refusal(where, path, expected, step);
  const [other] = others;
  if (other !== undefined)
    throw refusal(where, [...path, other.name], `left out beside \`${kind.name}\``, valueOf(step, other.name));
  inPlace(path, () => void parseOptions(kind.options, step, describePlace(where, path)));
  kind.assertOptions?.(where, path, step);
}

function unknownStep(
  where: string,
  path: OptionPath,
  step: object,
  names: readonly string[],
): MillraceError | undefined {
  const [given] = Object.keys(step);
  if (given === undefined) return undefined;
  const place = describePlace(where, path);
  return new MillraceError("JOB_INVALID", `unknown option \`${given}\` of ${place}${suggest(given, names)}`, {
    hint: `kinds of steps: ${names.join(", ")}`,
    details: { option: [...path, given] },
  });
}

/** ``` `convert[1]` of job `load` ``` */
function describePlace(where: string, path: OptionPath): string {
  const place = path.map((key) => (typeof key === "number" ? `[${key}]` : String(key))).join("");
  return `\`${place}\` of ${where}`;
}

/** Options of a step are below it. */
function inPlace(path: OptionPath, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const inner = error.details?.["option"];
    throw new MillraceError(error.code, error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      details: { ...error.details, option: [...path, ...(Array.isArray(inner) ? (inner as OptionPath) : [])] },
    });
  }
}

function assertVariables(
  where: string,
  path: OptionPath,
  { kind, step, number }: NamedStep,
  { secrets }: ConvertScope,
  opaque: NamedStep | undefined,
): void {
  for (const { text, path: inner } of kind.texts?.(step) ?? []) {
    const place = [...path, number - 1, ...inner];
    const [secret] = listVariables(parseTemplate(text, describePlace(where, path))).filter(({ path: names }) =>
      isSecretVariable(names, secrets),
    );
    if (secret !== undefined) {
      throw refusal(where, place, "a variable that is no secret, since rows are for everybody to read", text);
    }
    if (opaque === undefined || listUnitScopes(text, describePlace(where, path)).length === 0) continue;
    const expected = `in a step before \`${opaque.kind.name}\`, behind which nobody knows the unit of a row`;
    throw refusal(where, place, expected, text);
  }
}

/** A row that is set aside is shown as it was, with what a later step would have hidden. */
function assertNothingShown(where: string, path: OptionPath, steps: readonly NamedStep[]): void {
  const lastHiding = steps.findLast(({ kind }) => kind.hides === true);
  const early = steps.find(
    ({ kind, step, number }) => kind.setsAside?.(step) === true && number < (lastHiding?.number ?? 0),
  );
  if (early === undefined || lastHiding === undefined) return;
  const expected = `\`fail\` or \`null\` before \`${lastHiding.kind.name}\``;
  throw refusal(where, [...path, early.number - 1, "onError"], expected, "quarantine", {
    hint: `put the step behind \`${lastHiding.kind.name}\`: a row that is set aside is kept as it was`,
  });
}

function isSecretVariable(names: readonly string[], secrets: readonly string[]): boolean {
  const [scope = ""] = names;
  return secrets.includes(scope) || (scope === "config" && names.some((name) => isSecretKey(name)));
}

function valueOf(step: object, name: string): unknown {
  return new Map<string, unknown>(Object.entries(step)).get(name);
}
