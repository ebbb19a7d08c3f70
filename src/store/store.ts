// The store port: durable state of runs, and the protocol by which processes share it.
// Every adapter passes tests/conformance/store.ts.
import type { AccessStore } from "./access/access-store.ts";
import type { BrowseStore } from "./browse/browse-store.ts";
import type { ConnectionRegistry, ConnectionStore, RequestStore } from "./connections/connection-store.ts";
import type { ControlStore } from "./control/control-store.ts";
import type { ExpectationStore } from "./expectations/expectation-store.ts";
import type { FeedStore } from "./feed/feed-store.ts";
import type { NotificationStore } from "./notifications/notification-store.ts";
import type { RecordStore } from "./record/record-store.ts";
import type { ScheduleStore } from "./schedules/schedule-store.ts";
import type { SearchStore } from "./search/search-store.ts";
import type { StateStore } from "./state/state-store.ts";
import type { BatchStore } from "./streams/batches/batch-store.ts";
import type { ReplayStore } from "./streams/replays/replay-store.ts";
import type { StreamStore } from "./streams/stream-store.ts";
import type { UpkeepStore } from "./upkeep/upkeep-store.ts";
import type { WorkStore } from "./claim/work-store.ts";

/**
 * A live run is in exactly one of the hot tables `waiting`, `scheduled`, `ready`, `parked`, `lease`; a finished one in `outcome`.
 * Each method is one transaction: after it resolves its effect survives the loss of the process and, on a machine
 * that keeps its promises about flushing, of power.
 */
export interface Store
  extends
    WorkStore,
    RecordStore,
    ControlStore,
    ScheduleStore,
    ExpectationStore,
    UpkeepStore,
    FeedStore,
    AccessStore,
    StateStore,
    ConnectionStore,
    ConnectionRegistry,
    RequestStore,
    BrowseStore,
    SearchStore,
    NotificationStore,
    StreamStore,
    BatchStore,
    ReplayStore,
    AsyncDisposable {
  readonly dialect: "sqlite" | "postgres";
}
