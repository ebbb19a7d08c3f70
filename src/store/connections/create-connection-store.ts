// Credentials and quotas over scripts.
import type { ScriptRunner } from "../rows/script-runner.ts";
import type { ConnectionStore } from "./connection-store.ts";
import { findCredential, releaseCredential, saveCredential, takeCredential } from "./credentials.ts";
import { blockQuota, readQuotaBlock, takeQuota } from "./quotas.ts";

/** What workers share about services. */
export function createConnectionStore({ read, write }: ScriptRunner): ConnectionStore {
  return {
    findCredential: (name) => read(({ nowMs }) => findCredential(name, nowMs)),
    takeCredential: (name, holder, holdMs) => write(({ nowMs }) => takeCredential(name, holder, holdMs, nowMs)),
    saveCredential: (save) => write(({ nowMs }) => saveCredential(save, nowMs)),
    releaseCredential: (name, holder) => write(() => releaseCredential(name, holder)),
    readQuotaBlock: (name) => read(({ nowMs }) => readQuotaBlock(name, nowMs)),
    blockQuota: (name, forMs) => write(({ nowMs }) => blockQuota(name, forMs, nowMs)),
    takeQuota: (take) => write(({ nowMs }) => takeQuota(take, nowMs)),
  };
}
