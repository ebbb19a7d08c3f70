// Looks whether what runs have published is still there and can be read as it is, without changing anything. What is damaged is
// named before a job trips over it.
import type { Engine } from "../../compute/engine.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { findTargetFormat } from "../targets/target-registry.ts";

/** One line for each thing that is wrong with the tables of these versions. */
export async function findDamage(engine: Engine, versions: readonly DatasetVersion[]): Promise<string[]> {
  const found: string[] = [];
  await using session = await engine.open();
  for (const { dataset, locations } of versions) {
    for (const location of locations) {
      const damage = await findTargetFormat(location.format).findDamage(session, location);
      found.push(...damage.map((message) => `dataset \`${dataset}\`: ${message}`));
    }
  }
  return found;
}
