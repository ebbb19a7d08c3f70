// Failures that WebHDFS tells, as MillraceErrors. The exception in the answer says more than the status.
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpResponse } from "../http/http-response.ts";
import { toStatusError } from "../http/status-error.ts";

/** What an answer with a status of 400 and above means. Its body is read. */
export async function toWebHdfsError(method: string, response: HttpResponse, nowMs: number): Promise<MillraceError> {
  const { exception, message = "" } = exceptionIn(await text(response.body).catch(() => ""));
  const plain = toStatusError(method, response, nowMs);
  if (exception === undefined) return isKerberos(response) ? asksForKerberos(plain) : plain;
  const known = /could only be (?:written|replicated) to 0 /.test(message) ? full : meanings[exception];
  return new MillraceError(known?.code ?? plain.code, `${plain.message}, ${exception}`, {
    details: { ...plain.details, exception },
    ...(plain.hint === undefined ? {} : { hint: plain.hint }),
    ...(plain.retryAfterMs === undefined ? {} : { retryAfterMs: plain.retryAfterMs }),
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
  });
}

function exceptionIn(body: string): { readonly exception?: string; readonly message?: string | undefined } {
  try {
    const { exception, message } = remoteException.parse(JSON.parse(body)).RemoteException;
    return { exception: exception.slice(0, 100), message };
  } catch {
    return {};
  }
}

const remoteException = z.object({
  RemoteException: z.object({ exception: z.string(), message: z.string().optional() }),
});

/** Clusters with Kerberos answer so before they look at anything. */
function isKerberos({ status, headers }: HttpResponse): boolean {
  return status === 401 && /^negotiate\b/i.test(headers["www-authenticate"] ?? "");
}

function asksForKerberos(plain: MillraceError): MillraceError {
  return new MillraceError("AUTHENTICATION_FAILED", `${plain.message}, the cluster asks for Kerberos`, {
    ...(plain.details === undefined ? {} : { details: plain.details }),
    hint: "Kerberos is not spoken here; set `delegationToken`, which `hdfs fetchdt` gives to who has proved himself",
  });
}

interface Meaning {
  readonly code: ErrorCode;
  readonly hint?: string;
}

const full: Meaning = { code: "DISK_FULL", hint: "no data node of the cluster has room; free space there" };
const quota: Meaning = {
  code: "DISK_FULL",
  hint: "the quota of a folder is used up; free space there, or have it raised",
};

const meanings: Readonly<Record<string, Meaning>> = {
  FileNotFoundException: { code: "SOURCE_MISSING" },
  AccessControlException: {
    code: "PERMISSION_DENIED",
    hint: "give the account of the connection the right to do this there",
  },
  InvalidToken: { code: "AUTHENTICATION_FAILED", hint: "the delegation token has ended or is another cluster's" },
  SecurityException: { code: "AUTHENTICATION_FAILED", hint: "compare `user` or `delegationToken` with the cluster's" },
  AuthenticationException: { code: "AUTHENTICATION_FAILED" },
  // the other name node has the word
  StandbyException: { code: "SERVICE_UNAVAILABLE", hint: "set `url` to the name node that is active" },
  RetriableException: { code: "SERVICE_UNAVAILABLE" },
  SafeModeException: { code: "SERVICE_UNAVAILABLE" },
  // whatever has no name of its own, with status 403: no data node that answers, a pipeline that broke
  IOException: { code: "SERVICE_UNAVAILABLE" },
  FileAlreadyExistsException: { code: "TARGET_CONFLICT", hint: "somebody else has written it; nothing was replaced" },
  DSQuotaExceededException: quota,
  NSQuotaExceededException: quota,
  QuotaByStorageTypeExceededException: quota,
};
