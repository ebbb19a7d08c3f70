// What an interrupted publication of a NDJSON file leaves near it.
import type { Leftovers } from "../../target.ts";
import type { TemporaryIntent } from "../temporary-leftovers.ts";
import { textLeftovers } from "../text-target.ts";

export const ndjsonLeftovers: Leftovers<TemporaryIntent> = textLeftovers("ndjson");
