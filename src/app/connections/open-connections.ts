// Gives connections what they need of the process: the secrets of its environment, the key of what the store keeps sealed, and
// a name among all workers.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ExchangeTape } from "../../connections/http/exchange-tape.ts";
import { Connections } from "../../connections/registry/connections.ts";
import type { Environment } from "../../config.ts";
import type { Clock } from "../../core/clock.ts";
import type { CredentialStore } from "../../core/connection/credential-store.ts";
import type { QuotaStore } from "../../core/connection/quota-store.ts";
import type { Project } from "../../project/project.ts";
import type { ConnectionStore } from "../../store/connections/connection-store.ts";
import { openSeal } from "./open-seal.ts";
import { secretSourcesOf } from "./secret-sources.ts";

export interface OpenConnectionsOptions {
  readonly project: Pick<Project, "root"> & {
    readonly paths: Pick<Project["paths"], "home">;
    readonly settings: Pick<Project["settings"], "connections" | "lakeCache" | "catalog">;
  };
  readonly environment: Pick<Environment, "readVariable" | "secretKey" | "secretKeyFile">;
  readonly store: ConnectionStore;
  readonly clock: Clock;
  readonly onSecret: (secret: string) => void;
  /** Records exchanges, or answers in the place of services. */
  readonly tape?: ExchangeTape | undefined;
}

/** Opens nothing before a connection is asked for. */
export function openConnections(options: OpenConnectionsOptions): Connections {
  const { project, environment, store, clock, onSecret, tape } = options;
  // recorded pauses hold nobody back, now or later
  const shared = tape?.isPlayback === true ? withoutQuotas(store) : store;
  return new Connections({
    declared: project.settings.connections,
    secrets: secretSourcesOf(project.root, environment, onSecret),
    registered: store,
    services: {
      store: shared,
      tape,
      clock,
      holder: randomUUID(),
      seal: openSeal(project.root, environment),
      // what is recorded, or played, is what services answer
      ...(tape === undefined ? { cacheFolder: join(project.paths.home, "cache/http") } : {}),
    },
  });
}

function withoutQuotas(store: ConnectionStore): CredentialStore & QuotaStore {
  return {
    findCredential: (name) => store.findCredential(name),
    takeCredential: (...take) => store.takeCredential(...take),
    saveCredential: (save) => store.saveCredential(save),
    releaseCredential: (...release) => store.releaseCredential(...release),
    readQuotaBlock: () => Promise.resolve(0),
    blockQuota: () => Promise.resolve(),
    takeQuota: ({ want }) => Promise.resolve({ granted: want, waitMs: 0, blockedMs: 0 }),
  };
}
