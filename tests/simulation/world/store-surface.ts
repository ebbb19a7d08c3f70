// The port as the simulator sees it, in one place.
export type { Store } from "../../../src/store/store.ts";
export type { StoreHint } from "../../../src/store/work-store.ts";
