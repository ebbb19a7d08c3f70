// What an interrupted publication of a CSV file leaves near it.
import type { Leftovers } from "../../target.ts";
import type { TemporaryIntent } from "../temporary-leftovers.ts";
import { textLeftovers } from "../text-target.ts";

export const csvLeftovers: Leftovers<TemporaryIntent> = textLeftovers("csv");
