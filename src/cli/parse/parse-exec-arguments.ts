// The arguments of `exec`, as any scheduler hands them over: `--name value`, `--name=value` and `--flag`, in any order.
import { MillraceError } from "../../core/errors/errors.ts";
import type { GivenParams } from "./parse-params.ts";

export interface ExecArguments {
  /** The path or dotted name of a module, or the name of a job or pipeline. */
  readonly target: { readonly moduleName: string } | { readonly job: string };
  /** File with more params. */
  readonly config: { readonly uri: string; readonly sha256: string | undefined } | undefined;
  /** As they were typed; a flag is `true`. */
  readonly params: GivenParams;
}

const reserved = ["module_name", "config_uri", "config_sha256"];

/**
 * Everything but the module and the configuration file is a param. A name that is followed by another name, or by nothing,
 * is a flag and `true`.
 * @param job in the place of a module
 * @throws MillraceError `USAGE_INVALID`
 */
export function parseExecArguments(args: readonly string[], job?: string): ExecArguments {
  const given = readPairs(args);
  const moduleName = textOf(given, "module_name");
  if ((moduleName ?? job) === undefined) {
    throw new MillraceError("USAGE_INVALID", "expected `--module_name` to be given", {
      hint: "`millrace exec --module_name jobs/load.ts --start_date 2024-01-01`",
    });
  }
  const uri = textOf(given, "config_uri");
  const sha256 = textOf(given, "config_sha256");
  if (uri === undefined && sha256 !== undefined) {
    throw new MillraceError("USAGE_INVALID", "expected `--config_uri` together with `--config_sha256`");
  }
  const params = [...given].filter(([name]) => !reserved.includes(name));
  return {
    target: job === undefined ? { moduleName: moduleName ?? "" } : { job },
    config: uri === undefined ? undefined : { uri, sha256 },
    params: {
      // fromEntries defines own properties, so that a param named `__proto__` is just a param.
      json: Object.fromEntries(params.filter(([, value]) => value === true)) as Readonly<Record<string, true>>,
      texts: new Map(params.flatMap(([name, value]) => (value === true ? [] : [[name, value]]))),
    },
  };
}

function readPairs(args: readonly string[]): Map<string, string | true> {
  const pairs = new Map<string, string | true>();
  for (let index = 0; index < args.length; index += 1) {
    const { name, value } = parseName(args[index] ?? "");
    const next = args[index + 1];
    const takesNext = value === undefined && next !== undefined && !next.startsWith("--");
    if (takesNext) index += 1;
    if (pairs.has(name)) throw new MillraceError("USAGE_INVALID", `\`--${name}\` is given twice`);
    pairs.set(name, takesNext ? next : (value ?? true));
  }
  return pairs;
}

function parseName(arg: string): { readonly name: string; readonly value: string | undefined } {
  const match = /^--([A-Za-z_][\w.-]*)(?:=([\s\S]*))?$/.exec(arg);
  const name = match?.[1];
  if (name !== undefined) return { name, value: match?.[2] };
  throw new MillraceError("USAGE_INVALID", `expected \`--name value\`, got: \`${arg.slice(0, 80)}\``, {
    hint: "quote a value that has spaces; write one that begins with `--` as `--name=--value`",
  });
}

function textOf(given: ReadonlyMap<string, string | true>, name: string): string | undefined {
  const value = given.get(name);
  if (value === true || value === "") throw new MillraceError("USAGE_INVALID", `expected a value after \`--${name}\``);
  return value;
}
