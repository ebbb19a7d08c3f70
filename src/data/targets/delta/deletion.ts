// Deletes a Delta table of a dataset that is reset; its log is its memory and goes with it.
import type { Engine } from "../../../compute/engine.ts";
import { deleteDeltaTable } from "../../delta/write/delta-deletion.ts";
import type { DeltaLocation } from "./relation.ts";

/** A folder that is no table stays, and so does what others have put into the folder of one. */
export async function deleteDelta(engine: Engine, { path }: DeltaLocation): Promise<void> {
  await using session = await engine.open();
  await deleteDeltaTable(session, path);
}
