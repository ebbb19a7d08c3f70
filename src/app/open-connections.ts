// Gives connections what they need of the process: the secrets of its environment, the key of what the store keeps sealed, and
// a name among all workers.
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { Connections } from "../connections/registry/connections.ts";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import type { Project } from "../project/project.ts";
import type { ConnectionStore } from "../store/connections/connection-store.ts";
import { openSeal, readIfThere } from "./open-seal.ts";

export interface OpenConnectionsOptions {
  readonly project: Pick<Project, "root"> & { readonly settings: Pick<Project["settings"], "connections"> };
  readonly environment: Pick<Environment, "readVariable" | "secretKey" | "secretKeyFile">;
  readonly store: ConnectionStore;
  readonly clock: Clock;
  readonly onSecret: (secret: string) => void;
}

/** Opens nothing before a connection is asked for. */
export function openConnections({ project, environment, store, clock, onSecret }: OpenConnectionsOptions): Connections {
  return new Connections({
    declared: project.settings.connections,
    secrets: {
      onSecret,
      readVariable: environment.readVariable,
      readFile: (path) => readIfThere(resolve(project.root, path)),
    },
    registered: store,
    services: { store, clock, holder: randomUUID(), seal: openSeal(project.root, environment) },
  });
}
