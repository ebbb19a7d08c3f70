// The statement that starts a process for each task on executors. It has no data in it and gives none back but a short line a task:
// typed output of `transform` would become NULL where it does not parse, so there is one text.
import { fileName } from "./executor-protocol.ts";

export interface TransformOptions {
  /** The server's name of the session, which its artifacts are in a folder of. */
  readonly serverSessionId: string;
  /** The SHA-256 of the file that starts processes. */
  readonly runner: string;
  /** That executors share with this process. */
  readonly folder: string;
  /** What processes are told in the place of the folder. */
  readonly address?: string;
  /** Such as `map-1`. */
  readonly round: string;
  /** At least one. */
  readonly tasks: number;
}

/** Each row is a partition of its own, so that tasks spread over all slots and each has a process. */
export function transformStatement(options: TransformOptions): string {
  const { serverSessionId, runner, folder, address = folder, round, tasks } = options;
  const file = fileName(runner);
  // nothing that a shell or a literal reads in another way: the folder may have any name
  const encoded = Buffer.from(address).toString("base64url");
  const command = [
    `for file in ./${serverSessionId}/${file} ./${file}`,
    `do if [ -f "$file" ]; then exec node --disable-warning=ExperimentalWarning "$file" ${encoded} ${round}; fi`,
    "done",
    "echo millrace: the code is not on this executor >&2",
    "exit 64",
  ].join("; ");
  return `select transform(id) using '${command}' as (line string) from range(0, ${tasks}, 1, ${tasks})`;
}
