// The one boundary where errors of user code and of libraries become MillraceErrors.
import { MillraceError } from "./errors.ts";

// Codes of Node.js and of common database clients that another attempt can heal.
const transientCodes: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENETDOWN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_SOCKET",
  "SQLITE_BUSY",
  "SQLITE_LOCKED",
  "40001",
  "40P01",
  "55P03",
  "57P03",
  "EMFILE",
  "ENFILE",
]);

/**
 * A MillraceError for anything that was thrown. Network trouble, locks and full disks are transient;
 * what is not known is permanent, because blind repetition of a bug helps nobody.
 */
export function classifyError(thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  if (!(thrown instanceof Error)) {
    return new MillraceError(
      "JOB_THREW_NON_ERROR",
      `job threw a value that is not an error, got: \`${describeValue(thrown)}\``,
      {
        hint: "throw an Error, so that its message and stack are kept",
        details: { type: typeof thrown },
      },
    );
  }
  const code = systemCode(thrown);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new MillraceError("DISK_FULL", `no space left on the device: ${thrown.message}`, {
      hint: "free space, then the run goes on by itself",
      cause: thrown,
    });
  }
  if (code !== undefined && transientCodes.has(code))
    return new MillraceError("JOB_FAILED_TRANSIENT", thrown.message, { cause: thrown, details: { code } });
  return new MillraceError("JOB_FAILED", thrown.message === "" ? thrown.name : thrown.message, {
    cause: thrown,
    details: { name: thrown.name, ...(thrown.stack === undefined ? {} : { stack: thrown.stack }) },
  });
}

// `fetch` hides the system error in `cause`.
function systemCode(error: Error): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 4 && current instanceof Error; depth += 1) {
    if ("code" in current && typeof current.code === "string") return current.code;
    current = current.cause;
  }
  return undefined;
}

function describeValue(value: unknown): string {
  const text =
    typeof value === "object" && value !== null
      ? `an object of ${value.constructor?.name ?? "no class"}`
      : String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
