// User values on their way into the store.
import type { Json } from "../store/run-records.ts";

/** Anything as JSON; what JSON cannot hold becomes text. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    if (item instanceof Error) return item.message;
    return item;
  });
  return text === undefined ? null : (JSON.parse(text) as Json);
}
