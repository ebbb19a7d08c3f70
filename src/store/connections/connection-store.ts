// What all workers share about the services they talk to: registered connections and tokens, which are sealed before they come
// here, and quotas. All of it goes by the store's clock, so that workers whose clocks differ agree.
import type { CredentialStore } from "../../core/connection/credential-store.ts";
import type { QuotaStore } from "../../core/connection/quota-store.ts";
import type { PlannedRequest, RequestChange, RequestPlan, RequestState } from "../../core/connection/request-ledger.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Fence } from "../rows/run-records.ts";

export interface ConnectionStore extends CredentialStore, QuotaStore {
  /** One that somebody registered. */
  findConnection(name: string): Promise<RegisteredConnection | undefined>;
}

/** The ledger of requests, as runs write it under their fences. */
export interface RequestStore {
  /** As `planRequest` of `RequestLedger`. @throws MillraceError `RUN_LOST` */
  planRequest(fence: Fence, plan: RequestPlan): Promise<PlannedRequest>;
  /** As `findRequest` of `RequestLedger`. */
  findRequest(runId: RunId, name: string): Promise<PlannedRequest | undefined>;
  /** As `changeRequest` of `RequestLedger`. @throws MillraceError `RUN_LOST` */
  changeRequest(fence: Fence, name: string, change: RequestChange): Promise<void>;
  /** In the order of runs and names, without answers. */
  listLedger(filter: RequestsFilter): Promise<readonly RequestRecord[]>;
  /** Says what became of a request whose state is `unknown`. @returns false when there is none such */
  resolveRequest(resolution: RequestResolution): Promise<boolean>;
}

export interface RequestsFilter {
  /** Default: all runs. */
  readonly runId?: RunId;
  readonly state?: RequestState;
  /** The last one of the page before. */
  readonly after?: Pick<RequestRecord, "runId" | "name">;
  readonly limit: number;
}

/** A request of the ledger, for people. */
export interface RequestRecord {
  readonly runId: RunId;
  readonly job: string;
  readonly name: string;
  readonly state: RequestState;
  readonly method: string;
  /** Without secrets. */
  readonly address: string;
  readonly sends: number;
  readonly plannedAtMs: number;
  readonly changedAtMs: number;
  readonly status: number | undefined;
  readonly resolvedBy: string | undefined;
}

export interface RequestResolution {
  readonly runId: RunId;
  readonly name: string;
  /** `done`: it was carried out, and its answer is given up. `again`: it was not, and is sent again. */
  readonly as: "done" | "again";
  readonly by: string;
}

/** What people do with registered connections. */
export interface ConnectionRegistry {
  /** By name. */
  listConnections(): Promise<readonly RegisteredConnection[]>;
  /** Registers it, or the next version of it. @returns the version, or `undefined` when the name is taken and `replace` is not set */
  saveConnection(save: ConnectionSave): Promise<number | undefined>;
  /** Tokens that are held, never what they are. */
  listCredentials(): Promise<readonly CredentialRecord[]>;
  listQuotas(): Promise<readonly QuotaRecord[]>;
  /** With the token that was got for it. @returns whether there was one */
  removeConnection(name: string): Promise<boolean>;
  /** All that is sealed: connections, then tokens, each by name. */
  listSealed(): Promise<readonly SealedSecret[]>;
  /** @returns false, and nothing is written, when it is another text by now */
  replaceSealed(replacement: SealedReplacement): Promise<boolean>;
}

/** A sealed text of the store. */
export interface SealedSecret {
  readonly kind: "connection" | "credential";
  readonly name: string;
  readonly sealed: string;
}

export interface SealedReplacement extends SealedSecret {
  /** What takes its place. */
  readonly by: string;
}

/** A token that the store has for a connection. */
export interface CredentialRecord {
  readonly name: string;
  /** Absent where nobody knows. */
  readonly expiresAtMs?: number;
}

/** The shared quota of a connection. */
export interface QuotaRecord {
  readonly name: string;
  readonly blockedUntilMs?: number;
  /** When its bucket would be full again, in microseconds since the epoch. */
  readonly fullAtUs?: number;
}

export interface ConnectionSave {
  readonly name: string;
  readonly sealed: string;
  /** Without secrets. */
  readonly address: string;
  /** Kind of auth. */
  readonly auth: string | undefined;
  readonly by: string;
  readonly replace: boolean;
}

export interface RegisteredConnection extends Omit<ConnectionSave, "by" | "replace"> {
  /** From 1; each replacement makes the next. */
  readonly version: number;
  readonly savedBy: string;
  readonly savedAtMs: number;
}
