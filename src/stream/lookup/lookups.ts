// The look-ups of a run. What they remember lives as long as the run does.
import type { Lookup, LookupKey } from "../../core/stream/lookup.ts";
import { LookupDesk, type LookupServices } from "./lookup-desk.ts";

/** Asks for the value of a key; undefined where it has none. */
export type AskLookup = <Key extends LookupKey, Value>(
  lookup: Lookup<Key, Value>,
  key: Key,
) => Promise<Value | undefined>;

/** @returns what `ctx.lookup` is. @throws as `LookupDesk.get` */
export function createLookups(services: LookupServices): AskLookup {
  const desks = new Map<unknown, unknown>();
  return async <Key extends LookupKey, Value>(lookup: Lookup<Key, Value>, key: Key) => {
    // a desk is found under the look-up whose keys and values it has
    let desk = desks.get(lookup) as LookupDesk<Key, Value> | undefined;
    if (desk === undefined) desks.set(lookup, (desk = new LookupDesk(lookup, services)));
    return await desk.get(key);
  };
}
