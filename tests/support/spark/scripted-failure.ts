// A call that fails as those of Spark do: a status, and beside it the class of the error and where its chain is kept.
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import { MessageWriter } from "../../../src/compute/spark/connect/message-writer.ts";

export interface ScriptedFailure {
  /** 13, which Spark answers with whatever went wrong, when left out. */
  readonly status?: number;
  readonly message?: string;
  readonly errorClass?: string;
  readonly sqlState?: string;
  readonly errorId?: string;
  readonly retryAfterMs?: number;
}

export function toServiceError(failure: ScriptedFailure): ServiceError {
  const { status = 13, errorClass } = failure;
  const message = failure.message ?? (errorClass === undefined ? "it failed" : `[${errorClass}] it failed`);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(statusOf(failure, status, message)));
  return Object.assign(new Error(message), { code: status, details: message, metadata });
}

function statusOf(failure: ScriptedFailure, status: number, message: string): Uint8Array {
  const { errorClass, sqlState, errorId, retryAfterMs } = failure;
  const facts = Object.entries({ errorClass, sqlState, errorId }).filter(([, value]) => value !== undefined);
  const info = new MessageWriter().text(1, "org.apache.spark.SparkException").text(2, "org.apache.spark");
  info.textMap(3, Object.fromEntries(facts) as Record<string, string>);
  const details: (readonly [string, MessageWriter])[] = [["ErrorInfo", info]];
  if (retryAfterMs !== undefined) {
    const delay = new MessageWriter().whole(1, Math.floor(retryAfterMs / 1000)).whole(2, (retryAfterMs % 1000) * 1e6);
    details.push(["RetryInfo", new MessageWriter().message(1, delay)]);
  }
  const writer = new MessageWriter().whole(1, status).text(2, message);
  for (const [name, value] of details) {
    writer.message(3, new MessageWriter().text(1, `type.googleapis.com/google.rpc.${name}`).message(2, value));
  }
  return writer.finish();
}
