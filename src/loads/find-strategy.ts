// From the configuration of an extractor or a loader to its strategy and what that is told.
import { suggest } from "../core/errors/suggest.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { parseOptions } from "../core/spec/parse-options.ts";
import { z } from "zod";
import { extractors } from "./extractors/extractors.ts";
import type { StrategyConfig } from "./load-configuration.ts";
import { loaders } from "./loaders/loaders.ts";
import type { ExtractorStrategy, LoaderStrategy, LoadStrategies } from "./strategy.ts";

/** A strategy with its options, checked. */
export interface ChosenStrategy<Strategy> {
  readonly strategy: Strategy;
  readonly options: object;
}

interface StrategyChoice {
  /** Names the job. */
  readonly where: string;
  /** The key of the configuration. */
  readonly key: string;
  readonly config: StrategyConfig;
  /** Those of the project. */
  readonly own: LoadStrategies;
}

/** @throws MillraceError `JOB_INVALID` naming the key */
export function findExtractor(choice: StrategyChoice): ChosenStrategy<ExtractorStrategy> {
  return choose([...(choice.own.extractors ?? []), ...extractors], choice);
}

/** @throws MillraceError `JOB_INVALID` naming the key */
export function findLoader(choice: StrategyChoice): ChosenStrategy<LoaderStrategy> {
  return choose([...(choice.own.loaders ?? []), ...loaders], choice);
}

function choose<Strategy extends ExtractorStrategy | LoaderStrategy>(
  known: readonly Strategy[],
  { where, key, config: { strategy: name, ...options } }: StrategyChoice,
): ChosenStrategy<Strategy> {
  const strategy = known.find((one) => one.name === name);
  if (strategy === undefined) throw unknownStrategy(`\`${key}\` of ${where}`, key, name, known);
  const spec = { schema: z.strictObject({ [key]: strategy.options.schema }), shape: {} };
  const parsed = parseOptions(spec, { [key]: options }, where)[key];
  return { strategy, options: parsed as object };
}

function unknownStrategy(
  where: string,
  key: string,
  name: string,
  known: readonly (ExtractorStrategy | LoaderStrategy)[],
): MillraceError {
  const names = [...new Set(known.map((one) => one.name))];
  return new MillraceError("JOB_INVALID", `unknown strategy of ${where}: \`${name}\`${suggest(name, names)}`, {
    hint: `known strategies: ${names.join(", ")}; \`strategies\` of the job adds others`,
    details: { option: [key, "strategy"] },
  });
}
