// The declarative job: rows of a source, converted by SQL, checked, published as a dataset.
import { z } from "zod";
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import type { EmptyPolicy, Source } from "../../core/dataset/source.ts";
import { defineJob, type Job, type UndeclaredParams, withPlan } from "../../core/job/job.ts";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";
import type { UnitsContext } from "../../core/job/job-plan.ts";
import type { JobOptions } from "../../core/job/job-options.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, duration } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, extendSpec, type Spec } from "../../core/spec/spec.ts";
import { listReferences } from "../checks/check-definition.ts";
import { assertConvert, convertSchema, listTexts, setsAside } from "../convert/convert-options.ts";
import { addNames, listOutputDatasets } from "../dataset-output.ts";
import { assertModeRows } from "../modes/assert-mode-rows.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import { assertSource, sourceSpec } from "../sources/source-options.ts";
import {
  deliversFiles,
  describeKinds,
  findChangedDataset,
  findReadTopic,
  listSourceConnections,
  listSourceInputs,
  needsWait,
  takesVariables,
  unitAbilities,
} from "../sources/source-registry.ts";
import { assertUnits } from "../units/assert-units.ts";
import { wholeUnit } from "../units/read-in-units.ts";
import { listInputDatasets, takeUnitOptions, type UnitOptions, unitOptionsSpec } from "../units/unit-options.ts";
import { type DataJobOptions, dataJobSpec, parseDataJob } from "./data-job-options.ts";
import { planInUnits, planWhole } from "./plan-data-job.ts";
import { assertCountRules, recordCounts } from "./count-figures.ts";
import { publishAsResult, type PublishedResult } from "./publish-as-result.ts";
import { publishChanges } from "./publish-changes.ts";
import { publishInUnits, type SourceWait } from "./publish-in-units.ts";
import { publishRecords } from "./publish-records.ts";
import { assertPurpose, defaultEmptyPolicy, effectOf, purposeChecks, resolveBases } from "./purpose-rules.ts";

/** `purpose` is `ingestion` by default. */
export interface IntegrationJobDefinition<
  Name extends string = string,
  Config = unknown,
  Params = unknown,
  Input = unknown,
>
  extends JobOptions<Name, Config, Params, Input>, DataJobOptions, UnitOptions {
  /** Where the rows come from. */
  readonly source: Source;
  /** What becomes of the rows on their way into the dataset, step by step. */
  readonly convert?: readonly ConvertStep[];
  /** How to wait for a source that is not ready. Default: the run fails, and is tried again as its `retry` says. */
  readonly wait?: SourceWait;
  /** What to do when the source, an activation or a payload has no row. Default `fail`, or `ok` for a validation. */
  readonly onEmpty?: EmptyPolicy;
}

type OwnOptions = Pick<IntegrationJobDefinition, "source" | "convert" | "wait" | "onEmpty">;

export const integrationJobSpec: Spec<OwnOptions & UnitOptions & DataJobOptions & JobOptions> = defineSpec<
  OwnOptions,
  UnitOptions & DataJobOptions & JobOptions
>(extendSpec(dataJobSpec, unitOptionsSpec))(() => ({
  source: expecting(`an object with ${describeKinds()}`, sourceSpec.schema).describe("where the rows come from"),
  convert: expecting("a list of steps", convertSchema())
    .default([])
    .describe("what becomes of the rows on their way into the dataset, step by step"),
  wait: optional(
    z.strictObject({ every: duration(), timeout: duration().optional() }) as unknown as z.ZodType<
      SourceWait,
      SourceWait
    >,
    "the run is tried again as its `retry` says",
  ).describe("how to wait for a source that is not ready: `every`, and `timeout`; the worker is free meanwhile"),
  onEmpty: optional(choice(["fail", "warn", "ok"]), "`fail`, or `ok` for a validation").describe(
    "what it means when the source, an activation or a payload has no row",
  ),
}));

/**
 * Defines a job that moves rows from a source to a dataset. Rows are staged and audited before the dataset changes.
 * @throws MillraceError `JOB_INVALID` | `TARGET_UNSUPPORTED` | `VALUE_INVALID` when the definition is wrong
 */
export function integrationJob<
  const Name extends string,
  Config = unknown,
  Params = UndeclaredParams,
  Input = UndeclaredParams,
>(definition: IntegrationJobDefinition<Name, Config, Params, Input>): Job<Name, Input, PublishedResult> {
  assertSteps(definition);
  const { name } = parseDataJob(integrationJobSpec, definition);
  assertSource(`job \`${name}\``, ["source"], definition.source);
  const { source, convert = [], output, purpose, ...rest } = definition;
  const { units, common: others } = takeUnitOptions(rest);
  const { wait, checks: declared = [], onEmpty = defaultEmptyPolicy(purpose), ...common } = others;
  const { inputs = {} } = units;
  assertCountRules(`job \`${name}\``, common.metrics);
  assertPurpose(`job \`${name}\``, { purpose, inputs, checks: declared });
  const checks = resolveBases(`job \`${name}\``, purposeChecks({ purpose, inputs, checks: declared }), inputs);
  const named = toDatasetOutput(output);
  const areFiles = deliversFiles(source);
  assertModeRows(`job \`${name}\``, { output: named, outputPath: ["output"], checks, convert, areFiles });
  const { dataset } = named;
  const isInUnits = takesVariables(source);
  assertUnits(`job \`${name}\``, units, {
    takesVariables: isInUnits,
    abilities: unitAbilities(source),
    output: named,
  });
  assertWait(`job \`${name}\``, wait, { isInUnits, isNeeded: needsWait(source) });
  const connections = [...new Set([...(common.connections ?? []), ...listSourceConnections(source)])];
  const references = listReferences(checks).filter((name) => name !== dataset);
  const request = {
    source,
    ...(convert.length === 0 ? {} : { convert }),
    inputs: references,
    output,
    checks,
    onEmpty,
  };
  const use = { wait, effect: effectOf(purpose), retry: common.retry };
  const publishRows = (ctx: JobContext): ReturnType<typeof publishInUnits> => {
    if (isInUnits) return publishInUnits(ctx, units, request, use);
    return publishAsOne(ctx, source, { ...request, ...readAsOne(ctx, convert) });
  };
  const job = defineJob({
    ...common,
    purpose: purpose ?? "ingestion",
    ...(connections.length === 0 ? {} : { connections }),
    inputs: addNames([...listSourceInputs(source), ...listInputDatasets(units)], references),
    outputs: listOutputDatasets(named, checks, setsAside(convert)),
    execute: async (ctx) => recordCounts(ctx, common.metrics, await publishRows(ctx)),
  });
  const isSealed = purpose === "authentication" ? { sealed: true as const } : {};
  return withPlan(job, {
    output: { ...named, ...isSealed },
    plan: (ctx) =>
      isInUnits ? planInUnits(ctx, units, request) : planWhole(ctx, { ...request, ...readAsOne(ctx, convert) }),
  });
}

function assertWait(
  where: string,
  wait: SourceWait | undefined,
  { isInUnits, isNeeded }: { readonly isInUnits: boolean; readonly isNeeded: boolean },
): void {
  if (wait !== undefined && !isInUnits) {
    throw refusal(where, ["wait"], "left out for a source that is there or is not", wait.every);
  }
  if (wait === undefined && isNeeded) {
    throw refusal(where, ["wait"], 'said for a source that works for a while, `{ every: "1m", timeout: "4h" }`', wait);
  }
}

/** Steps are looked at before the rest, since their kinds say best what is wrong. */
function assertSteps({ name, convert, inputs }: Pick<IntegrationJobDefinition, "name" | "convert" | "inputs">): void {
  const tokens = Object.entries(inputs ?? {}).filter(([, input]) => input?.role === "authentication");
  assertConvert(`job \`${name}\``, ["convert"], convert, { secrets: tokens.map(([variable]) => variable) });
}

/** A source that nothing divides into units: what it has now, or what has come or changed since the last run. */
function publishAsOne(ctx: JobContext, source: Source, request: PublishRequest): Promise<PublishedResult> {
  const topic = findReadTopic(source);
  if (topic !== undefined) return publishRecords(ctx, topic, request);
  const changed = findChangedDataset(source);
  return changed === undefined ? publishAsResult(ctx, request) : publishChanges(ctx, changed, request);
}

/** What variables of steps stand for where the source has none. */
function readAsOne(ctx: UnitsContext, convert: readonly ConvertStep[]): Pick<PublishRequest, "reading"> {
  return listTexts(convert).length === 0 ? {} : { reading: { units: [wholeUnit(ctx)], secretScopes: ["config"] } };
}
