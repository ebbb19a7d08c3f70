// Which argument is the command, and what belongs to it alone.
import type { Command } from "commander";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";

// Every argument after `exec` is a param, also one that is named like an option: `--version`, `--project`, `--verbose`. All but `--env`,
// since schedulers write what they are given behind the module.
export function leaveToExec(args: readonly string[]): string[] {
  const verb = verbIndex(args);
  if (args[verb] !== "exec" || args[verb + 1] === "--help") return [...args];
  const params = args.slice(verb + 1);
  const at = params.findIndex((arg) => arg === "--env" || arg.startsWith("--env="));
  const chosen = at < 0 ? [] : params.splice(at, params[at] === "--env" ? 2 : 1);
  return [...args.slice(0, verb), ...chosen, "exec", "--", ...params];
}

function verbIndex(args: readonly string[]): number {
  return args.findIndex(
    (arg, index) => !arg.startsWith("-") && !["--project", "--server", "--env"].includes(args[index - 1] ?? ""),
  );
}

// Commander's own message names no alternative for options before the verb; a wrong verb is the common slip.
export function assertKnownVerb(program: Command, args: readonly string[]): void {
  const verb = args[verbIndex(args)];
  const known = program.commands.map((command) => command.name());
  if (verb === undefined || known.includes(verb)) return;
  throw new MillraceError("USAGE_INVALID", `unknown command \`${verb}\`${suggest(verb, known)}`, {
    hint: `commands: ${known.join(", ")}`,
  });
}
