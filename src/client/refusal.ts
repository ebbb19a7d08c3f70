// Turns the refusal of a server back into the error that it was made from, so that callers need not know that a network
// was between.
import type { Problem } from "../api/problem.ts";
import { type ErrorCode, errorCodes } from "../core/errors/error-codes.ts";
import { MillraceError } from "../core/errors/errors.ts";

/** What the server said beside the message and the hint. */
export interface Refusal {
  /** The HTTP status. */
  readonly status: number;
  /** The code as the server sent it. A newer server may have codes that this package does not know; `error.code` is then `INTERNAL`. */
  readonly code: string;
  /** With 409: what is allowed in the state that the run or job is in. */
  readonly allowed: readonly string[];
  /** With 400: where in the request. */
  readonly issues: NonNullable<Problem["issues"]>;
  /** The log of the server has the same id. */
  readonly requestId: string | undefined;
}

/** What the server said, or `undefined` for any other error, such as that of a server that does not answer. */
export function refusalOf(error: unknown): Refusal | undefined {
  const refusal = error instanceof MillraceError ? error.details : undefined;
  return isRefusal(refusal) ? { allowed: [], issues: [], requestId: undefined, ...refusal } : undefined;
}

/** The error of an answer whose status is no success. */
export async function toRefusalError(response: Response): Promise<MillraceError> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json")) {
    const message = `expected an answer of Millrace from \`${response.url}\`, got: \`${response.status}\``;
    return new MillraceError("SERVER_UNREACHABLE", message, {
      details: { status: response.status, code: "SERVER_UNREACHABLE" },
      hint: "is a Millrace server there, and does a proxy before it answer in its place?",
    });
  }
  // The server is the one that the caller chose, and keeps the contract.
  const { code, detail, hint, allowed, issues, status, request_id: requestId } = (await response.json()) as Problem;
  const details: Partial<Refusal> = {
    status,
    code,
    ...(allowed === undefined ? {} : { allowed }),
    ...(issues === undefined ? {} : { issues }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  return new MillraceError(isKnown(code) ? code : "INTERNAL", detail, {
    details,
    ...(hint === undefined ? {} : { hint }),
  });
}

function isRefusal(details: unknown): details is Pick<Refusal, "status" | "code"> & Partial<Refusal> {
  return typeof details === "object" && details !== null && "status" in details && "code" in details;
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
