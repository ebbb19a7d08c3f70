// The context of the run of a batch: that of any run, and what handlers of streams look into beside it.
import type { JobContext } from "../../core/job/job-context.ts";
import type { AskLookup } from "../lookup/lookups.ts";
import type { AskStore } from "../stores/open-stores.ts";
import type { StreamExtras } from "../worker/stream-extras.ts";
import type { BatchParams } from "./batch-params.ts";

export interface BatchContext<Config = unknown> extends JobContext<Config, BatchParams> {
  /**
   * The value of a key, as a lookup finds it: keys of the same moment are asked for together, and answers are remembered.
   * @throws MillraceError `LOOKUP_FAILED` · `CONNECTION_BLOCKED` while its breaker is open
   */
  readonly lookup: AskLookup;
  /** A store that the job declares in `stores`, by its definition or its name. @throws MillraceError `STORE_UNDECLARED` */
  readonly store: AskStore;
}

/** All else is that of the run, whose members are made when they are first asked for. */
export function createBatchContext<Config>(
  ctx: JobContext<Config, BatchParams>,
  { lookup, store }: Pick<StreamExtras, "lookup" | "store">,
): BatchContext<Config> {
  const own = new Map<string | symbol, unknown>([
    ["lookup", lookup],
    ["store", store],
  ]);
  const get = (of: object, member: string | symbol): unknown => own.get(member) ?? Reflect.get(of, member, of);
  const has = (of: object, member: string | symbol): boolean => own.has(member) || Reflect.has(of, member);
  // the members of the run know their context by what it is itself, so that nothing may inherit from it
  return new Proxy(ctx, { get, has }) as BatchContext<Config>;
}
