// What the place has where this process executes jobs: as the configuration says, else as far as it can be found out.

import type { AvailableCapabilities } from "../../core/job/capabilities.ts";
import type { ProjectSettings } from "../load-settings.ts";

/** Asks nobody: a bucket that is declared counts. */
export function findCapabilities(
  { capabilities = {}, connections, compute }: Pick<ProjectSettings, "connections"> & Partial<ProjectSettings>,
  { hasSpark }: { readonly hasSpark: boolean },
): AvailableCapabilities {
  return {
    spark: capabilities.spark ?? (hasSpark || compute?.connect !== undefined),
    catalogue: capabilities.catalogue ?? false,
    objectStore: capabilities.objectStore ?? Object.values(connections).some(({ s3 }) => s3 !== undefined),
    kafka: capabilities.kafka ?? false,
  };
}
