// Verbs that work on this machine and its own store whatever server is named: what was meant for a server must not happen here.
import { MillraceError } from "../core/errors/errors.ts";

const elsewhere = "run it on the machine of the server, without `--server`";
const startThere =
  "`millrace start <name>` hands the run to the server's workers, and `millrace watch <name>` follows it";

/** Verb → what does the same on a server. */
const ways: Readonly<Record<string, string>> = {
  run: startThere,
  plan: elsewhere,
  exec: startThere,
  dev: "the server has the UI and workers of its own; leave `--server` out to work on this project",
  build: "leave `--server` out",
  init: "leave `--server` out",
  completion: "leave `--server` out",
  worker: elsewhere,
  server: elsewhere,
  migrate: elsewhere,
  doctor: elsewhere,
  verify: elsewhere,
};

/** Whether no server can be asked to do what the verb does. */
export function worksHere(verb: string): boolean {
  return Object.hasOwn(ways, verb);
}

export interface NamedServers {
  /** The address of `--server`. */
  readonly option: string | undefined;
  /** The address of `MILLRACE_SERVER`. */
  readonly variable: string | undefined;
}

/**
 * What a person has to be told when a verb works here although the environment names a server; `undefined` for nothing.
 * @throws MillraceError `USAGE_INVALID` for a server that the command line names, and for `run` wherever one is named, because it
 *   would publish from here what was meant for the server
 */
export function noteWorksHere(verb: string, { option, variable }: NamedServers): string | undefined {
  const way = ways[verb];
  if (way === undefined) return undefined;
  const here = `\`${verb}\` works on this machine and its own store`;
  if (option !== undefined) {
    throw new MillraceError("USAGE_INVALID", `${here}, and \`--server\` names another, got: \`${option}\``, {
      hint: way,
    });
  }
  if (variable === undefined || quiet.has(verb)) return undefined;
  if (verb !== "run") return `${here}, not on the server of MILLRACE_SERVER: ${variable}`;
  throw new MillraceError("USAGE_INVALID", `${here}, and MILLRACE_SERVER names another, got: \`${variable}\``, {
    hint: `${way}; \`MILLRACE_SERVER= millrace run …\` runs it here`,
  });
}

// They touch no store, and a shell evaluates what `completion` prints.
const quiet: ReadonlySet<string> = new Set(["init", "build", "completion"]);
