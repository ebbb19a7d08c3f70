// How a verb gets its action: from its module, which is loaded only when the verb is asked for.
import type { ExitCode } from "./exit-codes.ts";

export type Action = (...args: never[]) => Promise<ExitCode>;

/** Makes the action of a verb from the function of the same name. */
export type LoadAction = <Module extends Record<Verb, Action>, Verb extends string>(
  importModule: () => Promise<Module>,
  verb: Verb,
) => (...parsed: unknown[]) => Promise<void>;
