// Defines how a verb gets its action: from a module that is loaded only when the verb is asked for.
import type { ExitCode } from "./exit-codes.ts";

/** What the module of a verb exports under the verb's name: (context, options, ...arguments) → exit code. */
export type Action = (...args: never[]) => Promise<ExitCode>;

/** Makes the action of a verb from its module, which is loaded only when the verb is asked for. */
export type LoadAction = <Module extends Record<Verb, Action>, Verb extends string>(
  importModule: () => Promise<Module>,
  verb: Verb,
) => (...parsed: unknown[]) => Promise<void>;
