// What the place has where a job executes, and what a job needs of it: a fallback that the job declares, or a refusal before it starts.
import { z } from "zod";
import { MillraceError } from "../errors/errors.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { text } from "../spec/option-values.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";

export const capabilityNames = ["spark", "catalogue", "objectStore", "kafka"] as const;

/** Something that not every place has. */
export type CapabilityName = (typeof capabilityNames)[number];

/** What a place has. */
export type AvailableCapabilities = Readonly<Record<CapabilityName, boolean>>;

/** `true`: without it the job does not start. `fallback`: what the job does instead, in its own words, such as `duckdb`. */
export type CapabilityNeed = true | { readonly fallback: string };

export type CapabilityNeeds = Readonly<Partial<Record<CapabilityName, CapabilityNeed>>>;

/** As a job sees it. */
export interface Capability {
  readonly isAvailable: boolean;
  /** What the job declared to do instead, where it is not available; else `undefined`. */
  readonly fallback: string | undefined;
}

export type Capabilities = Readonly<Record<CapabilityName, Capability>>;

/** What `needs` of a job may say. */
export const capabilityNeedsSpec: Spec<CapabilityNeeds> = defineSpec<CapabilityNeeds>()(() => {
  const need = (what: string): z.ZodType<CapabilityNeed | undefined, CapabilityNeed | undefined> =>
    optional(
      expecting(
        "`true`, or an object with a `fallback`",
        z.union([z.literal(true), z.strictObject({ fallback: text() })]),
      ),
    ).describe(`${what}; \`true\` refuses to start without it, \`{ fallback: "…" }\` is told to the job`);
  return {
    spark: need("Spark, as on Databricks, Glue and EMR, or where `SPARK_HOME` is set"),
    catalogue: need("a catalogue of tables, where `capabilities.catalogue` of the configuration says so"),
    objectStore: need("a bucket: a connection of the kind `s3`"),
    kafka: need("Kafka, where `capabilities.kafka` of the configuration says so"),
  };
});

/** @throws MillraceError `CAPABILITY_MISSING` naming all that is missing */
export function assertCapable(
  { name, needs }: { readonly name: string; readonly needs: CapabilityNeeds },
  available: AvailableCapabilities,
): void {
  const missing = capabilityNames.filter((each) => needs[each] === true && !available[each]);
  if (missing.length === 0) return;
  const what = missing.map((each) => `\`${each}\``).join(" and ");
  throw new MillraceError("CAPABILITY_MISSING", `job \`${name}\` needs ${what}, which this place does not have`, {
    hint: "execute it where there is, say under `capabilities` of the configuration that there is, or declare a `fallback` in its `needs`",
    details: { missing },
  });
}

/** What a job gets to see, of what a place has and what it declared itself. */
export function toCapabilities(needs: CapabilityNeeds, available: AvailableCapabilities): Capabilities {
  const see = (name: CapabilityName): Capability => {
    const need = needs[name];
    const fallback = available[name] || need === undefined || need === true ? undefined : need.fallback;
    return { isAvailable: available[name], fallback };
  };
  return {
    spark: see("spark"),
    catalogue: see("catalogue"),
    objectStore: see("objectStore"),
    kafka: see("kafka"),
  };
}
