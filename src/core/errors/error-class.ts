// Lists the classes of errors. Retry conditions, breakers and statistics go by the class; the error's disposition still
// decides whether there is another try.
import type { ErrorCode } from "./error-codes.ts";

/** The first four usually pass by themselves; the next four need a person. */
export type ErrorClass = (typeof errorClasses)[number];

export const errorClasses = [
  /** no answer: connections that are refused, reset or time out */
  "network_timeout",
  /** the other side asks for a pause */
  "rate_limit",
  /** the other side answers that it cannot for now */
  "service_unavailable",
  /** somebody else writes the same rows or tables */
  "database_lock",
  /** wrong or expired credentials */
  "authentication",
  /** the credentials are right and not enough */
  "permission",
  /** data is not in the form that the job reads */
  "format_change",
  /** something that was written down is wrong */
  "configuration",
  "unknown",
] as const;

/** Classes that a retry policy may name in `retryOn`. `unknown` is what passes for another reason, such as a full disk. */
export const transientClasses = [
  "network_timeout",
  "rate_limit",
  "service_unavailable",
  "database_lock",
  "unknown",
] as const;

const classesOfCodes: Partial<Record<ErrorCode, ErrorClass>> = {
  RATE_LIMITED: "rate_limit",
  SERVICE_UNAVAILABLE: "service_unavailable",
  STORE_UNAVAILABLE: "service_unavailable",
  TARGET_CONFLICT: "database_lock",
  AUTHENTICATION_FAILED: "authentication",
  PERMISSION_DENIED: "permission",
  FORMAT_INVALID: "format_change",
  SCHEMA_MISMATCH: "format_change",
  SOURCE_UNREADABLE: "format_change",
  TARGET_VALUE_UNSUPPORTED: "format_change",
  CERTIFICATE_INVALID: "configuration",
  TLS_FAILED: "configuration",
  CONNECTION_FAILED: "network_timeout",
  CONNECTION_BLOCKED: "rate_limit",
  RESPONSE_TRUNCATED: "network_timeout",
  REDIRECT_REFUSED: "configuration",
};

/** The class that errors of a code have unless they say otherwise. */
export function classOfCode(code: ErrorCode, origin: string): ErrorClass {
  return classesOfCodes[code] ?? (origin === "config" ? "configuration" : "unknown");
}
