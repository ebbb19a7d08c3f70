// What went wrong between us and a broker → whether it passes by itself, and the error that people see.
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** A broker has answered with a code of Kafka's, such as `NOT_LEADER_OR_FOLLOWER`. */
export class BrokerRefusal extends Error {
  override readonly name = "BrokerRefusal";
  readonly code: string;

  constructor(code: string, what: string) {
    super(`${what}: ${code}`);
    this.code = code;
  }
}

/** Kafka's code in an error of ours or of the client library, where the broker has answered with one. */
export function refusalCode(error: unknown): string | undefined {
  const vague = new Set<string>();
  const code = findIn(error, (one) => {
    const found = codeOf(one);
    if (found !== unsaid) return found;
    vague.add(found);
    return undefined;
  });
  return code ?? [...vague][0];
}

/** Whether the same request may succeed a little later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof MillraceError) return false;
  const code = refusalCode(error);
  if (code !== undefined) return passing.has(code);
  return permanentCause(error) === undefined && isOfNetwork(error);
}

/** Whether a broker has taken nothing of a request, for what is in it. */
export function isRefused(error: unknown): boolean {
  return error instanceof MillraceError && error.disposition === "fail" && error.code !== "REQUEST_REJECTED";
}

/** Whether somebody else has taken a transactional id over. */
export function isFenced(error: unknown): boolean {
  return fenced.has(refusalCode(error) ?? "");
}

/** @param what was done, such as `reading orders` @returns what to throw; what is none of Kafka's errors is left as it is */
export function toKafkaError(error: unknown, what: string): unknown {
  const refusal = refusalCode(error);
  if (error instanceof MillraceError) return error;
  const message = `${what} on Kafka: ${refusal ?? deepestMessage(error)}`;
  const [code, hint] = (refusal === undefined ? permanentCause(error) : permanentRefusals[refusal]) ?? [];
  if (code !== undefined) {
    return new MillraceError(code, message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
  if (isPassing(error) || isFenced(error)) {
    const remedy = "look whether the brokers run and can be reached from here";
    return new MillraceError("LOG_UNAVAILABLE", message, { cause: error, hint: remedy });
  }
  return refusal === undefined ? error : new MillraceError("REQUEST_REJECTED", message, { cause: error });
}

const passing: ReadonlySet<string> = new Set([
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_OR_FOLLOWER",
  "REQUEST_TIMED_OUT",
  "BROKER_NOT_AVAILABLE",
  "REPLICA_NOT_AVAILABLE",
  "NETWORK_EXCEPTION",
  "COORDINATOR_LOAD_IN_PROGRESS",
  "COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR",
  "NOT_ENOUGH_REPLICAS",
  "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  "NOT_CONTROLLER",
  "KAFKA_STORAGE_ERROR",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "OFFSET_NOT_AVAILABLE",
  "UNKNOWN_TOPIC_ID",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "CONCURRENT_TRANSACTIONS",
  "UNSTABLE_OFFSET_COMMIT",
  "THROTTLING_QUOTA_EXCEEDED",
  "REBALANCE_IN_PROGRESS",
]);

const fenced: ReadonlySet<string> = new Set([
  "INVALID_PRODUCER_EPOCH",
  "PRODUCER_FENCED",
  "TRANSACTION_COORDINATOR_FENCED",
  "INVALID_PRODUCER_ID_MAPPING",
  "INVALID_TXN_STATE",
  "UNKNOWN_PRODUCER_ID",
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
]);

type Permanent = readonly [code: ErrorCode, hint?: string];

const noRight: Permanent = ["PERMISSION_DENIED", "give the account the right that is missing"];
const tooLarge: Permanent = ["RECORD_TOO_LARGE", "raise `max.message.bytes` of the topic, or set `claimCheck`"];

const permanentRefusals: Readonly<Record<string, Permanent>> = {
  TOPIC_AUTHORIZATION_FAILED: noRight,
  GROUP_AUTHORIZATION_FAILED: noRight,
  CLUSTER_AUTHORIZATION_FAILED: noRight,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: noRight,
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: noRight,
  SASL_AUTHENTICATION_FAILED: ["AUTHENTICATION_FAILED", "correct `streams.log.kafka.sasl`"],
  UNSUPPORTED_SASL_MECHANISM: ["AUTHENTICATION_FAILED", "name a `mechanism` that the brokers have"],
  MESSAGE_TOO_LARGE: tooLarge,
  RECORD_LIST_TOO_LARGE: tooLarge,
  INVALID_TIMESTAMP: [
    "RECORD_INVALID",
    "the topic refuses times far from now: see `message.timestamp.after.max.ms` and `message.timestamp.before.max.ms`",
  ],
};

/** Of errors without an answer of the broker: what no later try would change. */
function permanentCause(error: unknown): Permanent | undefined {
  return findIn(error, (one): Permanent | undefined => {
    const code = "code" in one && typeof one.code === "string" ? one.code : "";
    if (code === "PLT_KFK_AUTHENTICATION") return permanentRefusals["SASL_AUTHENTICATION_FAILED"];
    if (/CERT|SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)/.test(code)) {
      return [
        "CERTIFICATE_INVALID",
        "give the authority as `streams.log.kafka.tls.ca`, or correct the names of the brokers",
      ];
    }
    if (one.message === "Broker requires TLS.") return ["TLS_FAILED", "set `streams.log.kafka.tls`"];
    if (/^(?:EPROTO|ERR_SSL_)/.test(code))
      return ["TLS_FAILED", "take `streams.log.kafka.tls` out, or name the port for TLS"];
    return undefined;
  });
}

function codeOf(error: Error): string | undefined {
  if (error instanceof BrokerRefusal) return error.code;
  return "apiId" in error && typeof error.apiId === "string" ? error.apiId : undefined;
}

/** What a broker says of each record that it refuses; why it does is said of the batch. */
const unsaid = "UNKNOWN_SERVER_ERROR";

function isOfNetwork(error: unknown): boolean {
  return (
    findIn(error, (one) => {
      const code = "code" in one && typeof one.code === "string" ? one.code : "";
      return /^(?:PLT_KFK_(?:NETWORK|TIMEOUT|MULTIPLE|UNEXPECTED_CORRELATION_ID)|E[A-Z]+)$/.test(code)
        ? true
        : undefined;
    }) ?? false
  );
}

/** The first answer over an error, what it collects and what caused it. */
function findIn<T>(error: unknown, look: (one: Error) => T | undefined): T | undefined {
  if (!(error instanceof Error)) return undefined;
  const found = look(error);
  if (found !== undefined) return found;
  const inner: readonly unknown[] = error instanceof AggregateError ? [...error.errors, error.cause] : [error.cause];
  for (const one of inner) {
    const deeper = findIn(one, look);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function deepestMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error || error.cause instanceof Error ? deepestMessage(first ?? error.cause) : error.message;
}
