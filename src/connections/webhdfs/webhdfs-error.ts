// Failures that WebHDFS tells, as MillraceErrors. The exception in the answer says more than the status.
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { toStatusError } from "../http/status-error.ts";

/** What an answer with a status of 400 and above means. Its body is read. */
export async function toWebHdfsError(method: string, response: HttpResponse, nowMs: number): Promise<MillraceError> {
  const exception = exceptionIn(await text(response.body).catch(() => ""));
  const plain = toStatusError(method, response, nowMs);
  if (exception === undefined) return plain;
  const known = meanings[exception];
  return new MillraceError(known?.code ?? plain.code, `${plain.message}, ${exception}`, {
    details: { ...plain.details, exception },
    ...(plain.hint === undefined ? {} : { hint: plain.hint }),
    ...(plain.retryAfterMs === undefined ? {} : { retryAfterMs: plain.retryAfterMs }),
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
  });
}

function exceptionIn(body: string): string | undefined {
  try {
    return remoteException.parse(JSON.parse(body)).RemoteException.exception.slice(0, 100);
  } catch {
    return undefined;
  }
}

const remoteException = z.object({ RemoteException: z.object({ exception: z.string() }) });

const meanings: Readonly<Record<string, { readonly code: ErrorCode; readonly hint?: string }>> = {
  FileNotFoundException: { code: "SOURCE_MISSING" },
  AccessControlException: {
    code: "PERMISSION_DENIED",
    hint: "give the account of the connection the right to read there",
  },
  InvalidToken: { code: "AUTHENTICATION_FAILED", hint: "the delegation token has ended or is another cluster's" },
  SecurityException: { code: "AUTHENTICATION_FAILED", hint: "compare `user` or `delegationToken` with the cluster's" },
  AuthenticationException: { code: "AUTHENTICATION_FAILED" },
  // the other name node has the word
  StandbyException: { code: "SERVICE_UNAVAILABLE", hint: "set `url` to the name node that is active" },
  RetriableException: { code: "SERVICE_UNAVAILABLE" },
  SafeModeException: { code: "SERVICE_UNAVAILABLE" },
};
