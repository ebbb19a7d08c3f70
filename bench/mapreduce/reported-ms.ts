// The time that a measured process has told.
import type { NodeProcessResult } from "../harness/node-process.ts";

/** What the program measured itself, on the last line that it printed. @throws Error when it printed none */
export function reportedMs({ stdout }: NodeProcessResult): number {
  const line = /^\{"wallMs":([\d.]+)\}$/m.exec(stdout);
  if (line === null) throw new Error(`expected a line with \`wallMs\`, got:\n${stdout}`);
  return Number(line[1]);
}
