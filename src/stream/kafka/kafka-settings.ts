// What the adapter needs to reach a cluster: the settings of the project with their secrets in the clear.
import type { Resolved } from "../../core/connection/secret.ts";
import type { KafkaLogOptions } from "../../core/stream/kafka-log-options.ts";
import type { KafkaDriver } from "./kafka-driver.ts";

export type KafkaSettings = Resolved<KafkaLogOptions>;

/** What the client library's connections take. */
export type ConnectionOptions = NonNullable<ConstructorParameters<KafkaDriver["Connection"]>[1]>;

/** Brokers that are asked first, to learn of all of them. */
export function toBrokers({ brokers }: KafkaSettings): { readonly host: string; readonly port: number }[] {
  return brokers.map((broker) => {
    const [, host = broker, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(broker) ?? [];
    return { host, port: Number(port ?? 9092) };
  });
}

export function toConnectionOptions({ tls, sasl }: KafkaSettings): ConnectionOptions {
  const { ca, certificate, key, serverName } = typeof tls === "object" ? tls : {};
  return {
    connectTimeout: 5_000,
    requestTimeout: requestTimeoutMs,
    ...(tls === undefined || tls === false
      ? {}
      : {
          tls: {
            ...(ca === undefined ? {} : { ca }),
            ...(certificate === undefined ? {} : { cert: certificate }),
            ...(key === undefined ? {} : { key }),
          },
          ...(serverName === undefined ? {} : { tlsServerName: serverName }),
        }),
    ...(sasl === undefined
      ? {}
      : { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password } }),
  };
}

/** An answer that takes longer does not come any more. */
export const requestTimeoutMs = 30_000;
