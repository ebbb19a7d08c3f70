// `millrace doctor`: looks at the machine and the project for what would not work, and says what to do about it.
import type { CommandContext } from "../../command-context.ts";
import { diagnoseMachine } from "../../doctor/diagnose-machine.ts";
import { diagnoseProject } from "../../doctor/diagnose-project.ts";
import type { Diagnosis } from "../../doctor/diagnosis.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { oneLine } from "../../print/table.ts";
import type { Style, Terminal } from "../../print/terminal.ts";

export interface DoctorOptions {
  readonly json?: true;
}

/** @returns 0 unless something would not work, then 1 */
export async function doctor(context: CommandContext, options: DoctorOptions): Promise<ExitCode> {
  const { terminal } = context;
  const nowMs = Date.now();
  const found = [...(await diagnoseMachine(nowMs)), ...(await diagnoseProject(context, nowMs))];
  const isHealthy = found.every(({ status }) => status !== "fail");
  if (options.json) {
    const items = found.map(({ hint, ...diagnosis }) => ({ ...diagnosis, hint: hint ?? null }));
    terminal.json({ ok: isHealthy, items });
  } else printText(terminal, found);
  return isHealthy ? exitCodes.ok : exitCodes.runFailed;
}

const styles: Readonly<Record<Diagnosis["status"], Style>> = { ok: "green", warn: "yellow", fail: "red" };

// Never cut: a path is useful only when it is whole.
function printText(terminal: Terminal, found: readonly Diagnosis[]): void {
  const width = Math.max(...found.map(({ name }) => name.length));
  for (const { name, status, detail, hint } of found) {
    terminal.out(`${terminal.styleOut(styles[status], status.padEnd(4))}  ${name.padEnd(width)}  ${oneLine(detail)}`);
    if (hint !== undefined) terminal.out(`      ${"".padEnd(width)}  hint: ${oneLine(hint)}`);
  }
  const count = (status: Diagnosis["status"]): number => found.filter((each) => each.status === status).length;
  terminal.note(
    `${count("ok")} ok, ${formatCountOf(count("warn"), "warning")}, ${formatCountOf(count("fail"), "failure")}`,
  );
}
