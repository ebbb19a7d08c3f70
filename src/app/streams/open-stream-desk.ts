// The desk of an open project: its log, and its payload store.
import type { Environment } from "../../config.ts";
import type { Clock } from "../../core/clock.ts";
import type { Definitions } from "../../project/definitions.ts";
import type { Project } from "../../project/project.ts";
import type { StreamDesk } from "../../server/stream-desk.ts";
import type { Store } from "../../store/store.ts";
import { createEmbeddedLog } from "../../stream/embedded/embedded-log.ts";
import { openPayloads, streamFolders } from "./create-job-streams.ts";
import { kafkaLogOf } from "./kafka-log-of.ts";
import { createStreamDesk, listTopics } from "./stream-desk.ts";

export interface OpenStreamDeskInput {
  readonly project: Project;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly store: Store;
  /** As they are now. */
  readonly definitions: () => Definitions;
}

/** Nothing is opened before somebody asks. */
export function openStreamDesk({
  project,
  environment,
  clock,
  store,
  definitions,
}: OpenStreamDeskInput): StreamDesk & AsyncDisposable {
  const { root, settings, paths } = project;
  const folders = streamFolders({ root, home: paths.home }, settings.streams.payloads);
  return createStreamDesk({
    open: async () => {
      const kafka = kafkaLogOf({ root, streams: settings.streams, environment, clock, onSecret: () => undefined });
      return kafka ?? createEmbeddedLog({ blocks: store, clock });
    },
    topics: () => listTopics(definitions().jobs.values()),
    now: () => clock.now(),
    payloads: openPayloads({ clock, folders }, store),
    storesFolder: folders.stores,
  });
}
