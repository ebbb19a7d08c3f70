// What the purpose of a job adds: defaults, and refusals of what cannot serve it. A job without a purpose has none of it.
import type { Check } from "../../core/dataset/check.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { EmptyPolicy } from "../../core/dataset/source.ts";
import type { JobPurpose } from "../../core/job/job-options.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { type Inputs, inputsOf } from "../units/input-options.ts";

/** The part of a definition that its purpose has something to say about. */
export interface PurposeFacts {
  readonly purpose: JobPurpose | undefined;
  readonly inputs: Inputs;
  readonly checks: readonly Check[];
}

/**
 * The checks, with the base of each `compare` rule as a dataset.
 * @throws MillraceError `JOB_INVALID` for a rule that does not say what it compares with
 */
export function resolveBases(where: string, checks: readonly Check[], inputs: Inputs): readonly Check[] {
  const bases = inputsOf(inputs, "validation");
  return checks.map((check, index) => {
    if (check.compare === undefined) return check;
    const { base } = check.compare;
    const [only, ...others] = bases;
    const found = base === undefined && others.length === 0 ? only : bases.find(([name]) => name === base);
    const dataset = found === undefined ? base : toDatasetName(found[1].dataset ?? "");
    if (dataset !== undefined) return { ...check, compare: { ...check.compare, base: dataset } };
    throw refusal(
      where,
      ["checks", index, "compare", "base"],
      "a dataset, or an input with the role `validation`",
      base,
    );
  });
}

/** @throws MillraceError `JOB_INVALID` */
export function assertPurpose(where: string, { purpose, inputs, checks }: PurposeFacts): void {
  if (purpose === "egression" && !hasRole(inputs, "payload") && !hasRole(inputs, "activation")) {
    throw refusal(where, ["inputs"], "one with the role `payload` or `activation` for an egression", undefined, {
      hint: "without one there is nothing to send",
    });
  }
  if (purpose !== "validation") return;
  if (!hasRole(inputs, "validation"))
    throw refusal(where, ["inputs"], "one with the role `validation` for a validation", undefined);
  if (checks.every(({ compare }) => compare === undefined))
    throw refusal(where, ["checks"], "a `compare` rule among them for a validation", undefined);
}

/** Checks that the purpose adds: a token is exactly one row. */
export function purposeChecks({ purpose, checks }: PurposeFacts): readonly Check[] {
  if (purpose !== "authentication" || checks.some(({ rowCount }) => rowCount !== undefined)) return checks;
  return [...checks, { rowCount: { min: 1, max: 1 }, name: "exactly_one_row" }];
}

/** Nothing to complain of is what a validation hopes for. */
export function defaultEmptyPolicy(purpose: JobPurpose | undefined): EmptyPolicy {
  return purpose === "validation" ? "ok" : "fail";
}

/** What requests do there. A job without a purpose leaves it to their method. */
export function effectOf(purpose: JobPurpose | undefined): "reads" | "writes" | undefined {
  if (purpose === "initiation" || purpose === "egression") return "writes";
  return purpose === "authentication" || purpose === "status_check" || purpose === "extraction" ? "reads" : undefined;
}

function hasRole(inputs: Inputs, role: Parameters<typeof inputsOf>[1]): boolean {
  return inputsOf(inputs, role).length > 0;
}
