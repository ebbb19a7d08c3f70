// Runs commands of the CLI in this process and keeps what they print.
import { type CommandContext, createCommandContext } from "../../../src/cli/command-context.ts";
import type { ExitCode } from "../../../src/cli/exit-codes.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { toJsonDocument } from "../../../src/cli/print/json-document.ts";
import { reportError } from "../../../src/cli/report-error.ts";
import type { Terminal } from "../../../src/cli/print/terminal.ts";

export interface CommandResult {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  /** Runs one command, e.g. `("show", "last", "--json")`. */
  run(...args: string[]): Promise<CommandResult>;
  /** Begins one that goes on until it is interrupted. */
  begin(...args: string[]): BegunCommand;
}

export interface BegunCommand {
  /** So far. */
  readonly output: Omit<CommandResult, "exitCode">;
  readonly ended: Promise<CommandResult>;
}

export interface CommandLineOptions {
  readonly width?: number;
  /** Address of a server that commands talk to in place of the store. */
  readonly server?: string;
  /** The environment of the project. */
  readonly env?: string;
}

/** Prints nothing, for contexts of which only the project is of interest. */
export const silentTerminal: Terminal = {
  out: () => undefined,
  json: () => undefined,
  note: () => undefined,
  draw: () => undefined,
  style: (_style, text) => text,
  styleOut: (_style, text) => text,
  interactive: false,
  width: 100,
  height: 40,
};

/** A command line in a project's folder, on a terminal without colours. */
export function createCommandLine(project: string, { width = 100, server, env }: CommandLineOptions = {}): CommandLine {
  const begin = (...args: string[]): BegunCommand => {
    const output = { stdout: "", stderr: "" };
    const terminal: Terminal = {
      ...silentTerminal,
      out: (line = "") => void (output.stdout += `${line}\n`),
      json: (value, options) => void (output.stdout += `${toJsonDocument(value, options)}\n`),
      note: (line = "") => void (output.stderr += `${line}\n`),
      width,
    };
    const ending = runWith(createCommandContext(project, { server, env, terminal }), args);
    return { output, ended: ending.then((exitCode) => ({ exitCode, ...output })) };
  };
  return { begin, run: async (...args) => await begin(...args).ended };
}

async function runWith(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(
    () => context,
    (code) => (exitCode = code),
  );
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return reportError(context.terminal, error, { verbose: false });
  }
}
