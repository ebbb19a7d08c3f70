// Gives connections what they need of the process: the secrets of its environment, the key of what the store keeps sealed, and
// a name among all workers.
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { SecretSeal } from "../connections/auth/seal.ts";
import { Connections } from "../connections/registry/connections.ts";
import { createSecretSeal } from "../connections/registry/secret-seal.ts";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import type { Project } from "../project/project.ts";
import type { ConnectionStore } from "../store/connections/connection-store.ts";

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
    services: {
      store,
      clock,
      holder: randomUUID(),
      seal: openSeal(project.root, environment),
      cacheFolder: join(project.root, ".millrace/cache/http"),
    },
  });
}

// Most projects have no token to keep, and need no key.
export function openSeal(root: string, environment: OpenConnectionsOptions["environment"]): SecretSeal {
  let made: SecretSeal | undefined;
  const seal = (): SecretSeal => (made ??= createSecretSeal(loadKey(root, environment)));
  return {
    seal: (secret, purpose) => seal().seal(secret, purpose),
    open: (sealed, purpose) => seal().open(sealed, purpose),
  };
}

function loadKey(root: string, { secretKey, secretKeyFile }: OpenConnectionsOptions["environment"]): string {
  if (secretKey !== undefined) return secretKey;
  const path = secretKeyFile === undefined ? join(root, ".millrace/secret.key") : resolve(secretKeyFile);
  return readIfThere(path)?.trim() ?? makeKey(path);
}

// Two processes may come first at the same time; the one that is later reads what the other one wrote.
function makeKey(path: string): string {
  const key = randomBytes(32).toString("base64");
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: "wx" });
    return key;
  } catch (error) {
    const written = readIfThere(path)?.trim();
    if (written === undefined || written === "") throw error;
    return written;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
