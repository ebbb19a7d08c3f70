// The log of a project that keeps its topics on Kafka; a project without such settings has the log in its store.
import type { Environment } from "../../config.ts";
import { resolveSecrets } from "../../connections/registry/resolve-secrets.ts";
import type { Clock } from "../../core/clock.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import type { StreamsOptions } from "../../project/streams-options.ts";
import { createLazyKafkaLog } from "../../stream/kafka/lazy-kafka-log.ts";
import { secretSourcesOf } from "../connections/secret-sources.ts";

export interface KafkaLogParts {
  readonly root: string;
  readonly streams: StreamsOptions | undefined;
  readonly environment: Pick<Environment, "readVariable">;
  readonly clock: Clock;
  /** Told of each secret, for whoever masks what is shown. */
  readonly onSecret: (secret: string) => void;
}

/** `undefined`: the topics of the project are in its store. The client library is loaded when something is asked. */
export function kafkaLogOf({ root, streams, environment, clock, onSecret }: KafkaLogParts): StreamLog | undefined {
  const { log } = streams ?? {};
  if (log === undefined || log === "embedded") return undefined;
  return createLazyKafkaLog({
    isTransactional: log.kafka.transactional ?? true,
    open: async () => {
      const { openKafkaLog } = await import("../../stream/kafka/kafka-log.ts");
      const sources = secretSourcesOf(root, environment, onSecret);
      return await openKafkaLog({ settings: await resolveSecrets(log.kafka, "`streams.log.kafka`", sources), clock });
    },
  });
}
