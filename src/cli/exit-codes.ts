// Defines the exit codes of the command. Scripts depend on these numbers; they never change their meaning.
export const exitCodes = {
  ok: 0,
  runFailed: 1,
  usage: 2,
  /** Finished with warnings, with `--fail-on warn`. */
  warnings: 3,
  notFound: 4,
  notAllowed: 5,
  stopped: 6,
  paused: 7,
  unreachable: 69,
  bug: 70,
  stillQueued: 75,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
