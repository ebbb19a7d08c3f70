// Prints an error for a person and decides the exit code.
import { MillraceError } from "../core/errors/errors.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { printable, type Terminal } from "./print/terminal.ts";

/** `error CODE: message`, then the hint; with `verbose` the causes and, for a bug, the stack. */
export function reportError(terminal: Terminal, thrown: unknown, { verbose }: { verbose: boolean }): ExitCode {
  if (!(thrown instanceof MillraceError)) {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    terminal.note(`${terminal.style("red", "error INTERNAL:")} ${printable(text)}`);
    terminal.note("  hint: this is a bug in Millrace; please report it with the lines above");
    return exitCodes.bug;
  }
  terminal.note(`${terminal.style("red", `error ${thrown.code}:`)} ${printable(thrown.message)}`);
  const excerpt = thrown.details?.["excerpt"];
  if (Array.isArray(excerpt)) for (const line of excerpt) terminal.note(`  ${printable(String(line))}`);
  if (thrown.hint !== undefined) terminal.note(`  hint: ${printable(thrown.hint)}`);
  if (verbose) reportCauses(terminal, thrown);
  return toExitCode(thrown);
}

function reportCauses(terminal: Terminal, error: MillraceError): void {
  let cause = error.cause;
  while (cause instanceof Error) {
    terminal.note(`  cause: ${printable(cause.stack ?? cause.message)}`);
    cause = cause.cause;
  }
}

function toExitCode(error: MillraceError): ExitCode {
  switch (error.code) {
    case "JOB_UNKNOWN":
    case "RUN_UNKNOWN":
    case "DATASET_UNKNOWN":
    case "QUARANTINE_UNKNOWN":
    case "THING_UNKNOWN":
    case "TOPIC_UNKNOWN":
    case "GROUP_UNKNOWN":
    case "BATCH_UNKNOWN":
    case "REPLAY_UNKNOWN":
      return exitCodes.notFound;
    case "INTERNAL":
      return exitCodes.bug;
    case "UNAUTHENTICATED":
    case "FORBIDDEN":
      return exitCodes.notAllowed;
    case "SERVER_UNREACHABLE":
      return exitCodes.unreachable;
    case "RUN_STOPPED":
      return exitCodes.stopped;
    default:
      return error.origin === "config" ? exitCodes.usage : exitCodes.runFailed;
  }
}
