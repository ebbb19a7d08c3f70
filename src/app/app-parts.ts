// What an open project is made of, for those who start something in it.
import type { Engine } from "../compute/engine.ts";
import type { Environment } from "../config.ts";
import type { ExchangeTape } from "../connections/http/exchange-tape.ts";
import type { Clock } from "../core/clock.ts";
import type { MillraceError } from "../core/errors/errors.ts";
import type { RecoverStagingInput } from "../data/publish/recover-staging.ts";
import type { ReplaceableRegistry } from "../orchestrator/worker/replaceable-registry.ts";
import type { Worker } from "../orchestrator/worker/worker.ts";
import type { Definitions } from "../project/definitions.ts";
import type { Notifying } from "./notifying.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";

/** The parts of an open project. */
export interface AppParts {
  readonly project: Project;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly store: Store;
  readonly engine: Engine;
  readonly tenant: string;
  readonly workers: Set<Worker>;
  /** The jobs and pipelines of the project as they are now, with those that every project has. */
  definitions: Definitions;
  readonly registry: ReplaceableRegistry;
  readonly notifying: Notifying;
  readonly tape: ExchangeTape | undefined;
}

/** Tells whoever runs this process. */
export function warn(error: MillraceError): void {
  process.emitWarning(error.message, { code: error.code });
}

// Staging folders are named by run and epoch; the store knows which of them still have an owner.
export function stagingOf(project: Project, store: Store): RecoverStagingInput {
  return {
    staging: project.paths.staging,
    isLive: async (runId, epoch) => (await store.heldFences([{ runId, epoch }])).length > 0,
  };
}
