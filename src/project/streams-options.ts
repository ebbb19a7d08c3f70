// Defines the options of the configuration file for topics and the jobs that work through them.
import { z } from "zod";
import { expecting, optional } from "../core/spec/option-notes.ts";
import { integer, text } from "../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../core/spec/spec.ts";
import { type KafkaLogOptions, kafkaLogSpec } from "../core/stream/kafka-log-options.ts";

/** What is under `streams`. */
export interface StreamsOptions {
  /** Where topics are: in the store of the project, or on a Kafka cluster. Default `embedded`. */
  readonly log?: "embedded" | { readonly kafka: KafkaLogOptions };
  /** Runs of stream jobs that one worker executes at once, beside its slots. Default 8. */
  readonly places?: number;
  /** Where large values go: a folder of the project, or `s3://bucket/prefix`. Default: a folder beside the store. */
  readonly payloads?: string;
}

/** The options with their defaults. */
export interface FilledStreamsOptions extends StreamsOptions {
  readonly places: number;
}

export const streamsSpec: Spec<StreamsOptions, StreamsOptions & FilledStreamsOptions> = defineSpec<StreamsOptions>()(
  () => ({
    log: optional(
      expecting(
        "`embedded` or `{ kafka }`",
        z.union([z.literal("embedded"), z.strictObject({ kafka: kafkaLogSpec.schema })]),
      ),
      "`embedded`",
    ).describe(
      "where topics are: in the store of the project, or on the [Kafka cluster](#kafka) that `kafka` describes",
    ),
    places: integer(1, 1_000)
      .default(8)
      .describe("runs of stream jobs that one worker executes at once, beside its `slots`"),
    payloads: optional(text("a path"), "`payloads` beside the store").describe(
      "where values go that are above the `claimCheck` of their topic: a folder of the project, or `s3://bucket/prefix`",
    ),
  }),
);
