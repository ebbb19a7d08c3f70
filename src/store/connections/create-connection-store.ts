// Registered connections, credentials, quotas and the ledger of requests over scripts.
import type { ScriptRunner } from "../rows/script-runner.ts";
import type { ConnectionRegistry, ConnectionStore, RequestStore } from "./connection-store.ts";
import { findConnection, listConnections, removeConnection, saveConnection } from "./registered-connections.ts";
import { findCredential, listCredentials, releaseCredential, saveCredential, takeCredential } from "./credentials.ts";
import { changeRequest, findRequest, listLedger, planRequest, resolveRequest } from "./requests.ts";
import { listSealed, replaceSealed } from "./sealed-secrets.ts";
import { blockQuota, listQuotas, readQuotaBlock, takeQuota } from "./quotas.ts";

/** What workers share about services. */
export function createConnectionStore({
  read,
  write,
}: ScriptRunner): ConnectionStore & ConnectionRegistry & RequestStore {
  return {
    findConnection: (name) => read(() => findConnection(name)),
    listConnections: () => read(listConnections),
    saveConnection: (save) => write(({ nowMs }) => saveConnection(save, nowMs)),
    removeConnection: (name) => write(() => removeConnection(name)),
    listSealed: () => read(listSealed),
    replaceSealed: (replacement) => write(() => replaceSealed(replacement)),
    listCredentials: () => read(listCredentials),
    listQuotas: () => read(listQuotas),
    findCredential: (name) => read(({ nowMs }) => findCredential(name, nowMs)),
    takeCredential: (name, holder, holdMs) => write(({ nowMs }) => takeCredential(name, holder, holdMs, nowMs)),
    saveCredential: (save) => write(({ nowMs }) => saveCredential(save, nowMs)),
    releaseCredential: (name, holder) => write(() => releaseCredential(name, holder)),
    readQuotaBlock: (name) => read(({ nowMs }) => readQuotaBlock(name, nowMs)),
    blockQuota: (name, forMs) => write(({ nowMs }) => blockQuota(name, forMs, nowMs)),
    planRequest: (fence, plan) => write(({ nowMs }) => planRequest(fence, plan, nowMs)),
    findRequest: (runId, name) => read(() => findRequest(runId, name)),
    changeRequest: (fence, name, change) => write(({ nowMs }) => changeRequest(fence, name, change, nowMs)),
    listLedger: (filter) => read(() => listLedger(filter)),
    resolveRequest: (resolution) => write(({ nowMs }) => resolveRequest(resolution, nowMs)),
    takeQuota: (take) => write(({ nowMs }) => takeQuota(take, nowMs)),
  };
}
