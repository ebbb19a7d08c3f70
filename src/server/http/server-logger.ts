// The server's own log: one JSON object a line, a line a request, no bodies, no query, no tokens; registered secrets are masked
// in the finished line, wherever they came from.
import { type DestinationStream, type Logger, pino } from "pino";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SecretRedactor } from "../../core/errors/secret-redactor.ts";

export type LogLevelName = "silent" | "fatal" | "error" | "warn" | "info" | "debug";

export interface ServerLoggerOptions {
  readonly level: LogLevelName;
  readonly redactor: SecretRedactor;
  /** Default: standard error, because data goes to standard output. */
  readonly destination?: DestinationStream;
}

export function createServerLogger({ level, redactor, destination }: ServerLoggerOptions): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      serializers: { err: describeError, error: describeError },
      hooks: { streamWrite: (line) => redactor.redactText(line) },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

/** Enough to find the place; of causes their messages. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    ...(error instanceof MillraceError ? { code: error.code } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause instanceof Error ? { cause: error.cause.message } : {}),
  };
}
