// What a project says of the Kafka cluster that keeps its topics.
import { z } from "zod";
import { type Secret, secret } from "../connection/secret.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { choice, integer, text } from "../spec/option-values.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";

export interface KafkaLogOptions {
  /** Addresses of some brokers, `host:port`; the others are learned from them. */
  readonly brokers: readonly string[];
  /** What brokers know this project by. Default `millrace`. */
  readonly clientId?: string;
  /** `true` trusts the authorities that Node.js trusts. Default: no TLS. */
  readonly tls?: boolean | KafkaTlsOptions;
  readonly sasl?: KafkaSaslOptions;
  /** Copies of each partition of topics that Millrace makes. Default: that of the cluster. */
  readonly replicationFactor?: number;
  /** What names of topics and groups begin with in the cluster, such as `shop.`. Default: nothing. */
  readonly topicPrefix?: string;
  /** Whether records for several partitions become visible together. Default true; false for accounts without the right to transactions. */
  readonly transactional?: boolean;
}

export interface KafkaTlsOptions {
  /** Certificates of the authorities to trust, as PEM. */
  readonly ca?: Secret;
  /** Our own certificate, where brokers ask for one, as PEM. */
  readonly certificate?: Secret;
  /** Its key, as PEM. */
  readonly key?: Secret;
  /** The name that certificates of the brokers have. Default: the host that was connected to. */
  readonly serverName?: string;
}

export interface KafkaSaslOptions {
  readonly mechanism: (typeof saslMechanisms)[number];
  readonly username: Secret;
  readonly password: Secret;
}

const saslMechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

export const kafkaTlsSpec: Spec<KafkaTlsOptions> = defineSpec<KafkaTlsOptions>()(() => ({
  ca: optional(secret(), "the authorities that Node.js trusts").describe("certificates to trust, as PEM"),
  certificate: optional(secret()).describe("our own certificate, where brokers ask for one, as PEM"),
  key: optional(secret()).describe("its key, as PEM"),
  serverName: optional(text(), "the host that was connected to").describe("the name in the brokers' certificates"),
}));

const saslSpec: Spec<KafkaSaslOptions> = defineSpec<KafkaSaslOptions>()(() => ({
  mechanism: choice(saslMechanisms).describe("how the password is proved"),
  username: secret().describe("the account"),
  password: secret().describe("its password"),
}));

export const kafkaLogSpec: Spec<KafkaLogOptions> = defineSpec<KafkaLogOptions>()(() => ({
  brokers: expecting(
    "a list of one or more addresses such as `kafka-1:9092`",
    z
      .array(z.string().regex(/^(?:[^\s:/]+|\[[^\s\]]+\])(?::\d{1,5})?$/))
      .min(1)
      .readonly(),
  ).describe("addresses of some brokers; the others are learned from them"),
  clientId: optional(text(), "`millrace`").describe("what brokers know this project by"),
  tls: optional(
    expecting(
      "`true`, `false` or an object with `ca`, `certificate`, `key`, `serverName`",
      z.union([z.boolean(), kafkaTlsSpec.schema]),
    ),
    "`false`",
  ).describe("`true` trusts the authorities that Node.js trusts"),
  sasl: optional(saslSpec.schema).describe("who we are: `mechanism`, `username` and `password`"),
  replicationFactor: optional(integer(1, 32), "that of the cluster").describe(
    "copies of each partition of topics that Millrace makes",
  ),
  topicPrefix: optional(
    expecting("letters, digits, `.`, `_` and `-`", z.string().regex(/^[a-zA-Z0-9._-]{1,100}$/)),
    "nothing",
  ).describe("what names of topics and groups begin with in the cluster, such as `shop.`"),
  transactional: optional(z.boolean(), "`true`").describe(
    "whether records for several partitions become visible together; `false` for accounts without the right to transactions",
  ),
}));
