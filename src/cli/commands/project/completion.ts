// `millrace completion`: prints the script that completes commands, options and names of jobs in a shell.
import type { Command } from "commander";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { type CompletedVerb, createCompletion, type Shell } from "../../shell-completion.ts";

export interface CompletionOptions {
  /** The program whose commands are completed. */
  readonly program: Command;
}

/** Prints it for the shell to evaluate. */
export function completion({ terminal }: CommandContext, { program }: CompletionOptions, shell: Shell): ExitCode {
  terminal.out(createCompletion(shell, program.commands.map(toVerb)).trimEnd());
  return exitCodes.ok;
}

const jobArguments = ["name", "target", "job"];

function toVerb(command: Command): CompletedVerb {
  const [first] = command.registeredArguments;
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long])),
    choices: first?.argChoices ?? [],
    takesJob: command.registeredArguments.some((argument) => jobArguments.includes(argument.name())),
  };
}
