// The configuration of a load job as schedulers hand it over, under the seven keys that it has everywhere.
import { z } from "zod";
import { expecting, optional } from "../core/spec/option-notes.ts";
import { text } from "../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../core/spec/spec.ts";

/** Names a strategy, and tells it what it needs. */
export interface StrategyConfig {
  readonly strategy: string;
  readonly [option: string]: unknown;
}

/** Names a service, and tells it what it needs. */
export interface NotificationConfig {
  readonly notification_service: string;
  readonly [option: string]: unknown;
}

export interface LoadConfiguration {
  /** Where the rows come from. */
  readonly extractor_config: StrategyConfig;
  /** The table of the lake. Default: none. */
  readonly unity_loader_config?: StrategyConfig;
  /** The rows of the run as files, for whoever loads them elsewhere. Default: none. */
  readonly stage_loader_config?: StrategyConfig;
  /** The table of the warehouse. Default: none. */
  readonly redshift_loader_config?: StrategyConfig;
  /** Who is told of a run that failed. Default: nobody. */
  readonly job_failed_notifications?: NotificationConfig;
  /** Who is told of a run that finished. Default: nobody. */
  readonly job_success_notifications?: NotificationConfig;
  /** Who is told of rows that break checks. Default: nobody. */
  readonly data_quality_notifications?: NotificationConfig;
}

/** The keys of loaders, in the order in which they load. */
export const loaderKeys = ["unity_loader_config", "stage_loader_config", "redshift_loader_config"] as const;

export type LoaderKey = (typeof loaderKeys)[number];

export const loadConfigurationSpec: Spec<LoadConfiguration> = defineSpec<LoadConfiguration>()(() => ({
  extractor_config: strategy().describe("where the rows come from"),
  unity_loader_config: optional(strategy()).describe("the table of the lake, which is loaded first"),
  stage_loader_config: optional(strategy()).describe("the rows of the run as files, loaded second"),
  redshift_loader_config: optional(strategy()).describe("the table of the warehouse, loaded last"),
  job_failed_notifications: optional(service()).describe("who is told of a run that failed"),
  job_success_notifications: optional(service()).describe("who is told of a run that finished"),
  data_quality_notifications: optional(service()).describe("who is told of rows that break checks"),
}));

/** Schema of the seven keys, for `config` of a factory. What strategies take is looked at by `loadJob`. */
export function loadConfiguration(): z.ZodType<LoadConfiguration> {
  return loadConfigurationSpec.schema;
}

function strategy(): z.ZodType<StrategyConfig, StrategyConfig> {
  return expecting("an object with `strategy`", z.looseObject({ strategy: text("the name of a strategy") }));
}

function service(): z.ZodType<NotificationConfig, NotificationConfig> {
  const name = text("the name of a service");
  return expecting("an object with `notification_service`", z.looseObject({ notification_service: name }));
}
