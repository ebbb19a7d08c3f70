// Names under which waits, loops and spawned runs are remembered among the steps of a run; watermarks have theirs there as well.
import { MillraceError } from "../../core/errors/errors.ts";
import { assertText } from "./assert-argument.ts";

const reserved = /^(?:wait|spawn|each|watermark):/;

/** Numbers what has no name of its own, in order of the calls, and refuses a name that is given twice in one attempt. */
export class StepNames {
  readonly #kind: "wait" | "spawn" | "each";
  readonly #given = new Set<string>();
  #count = 0;

  constructor(kind: "wait" | "spawn" | "each") {
    this.#kind = kind;
  }

  /** Such as `wait:1`, or `wait:=<name>` where a name is given. @throws MillraceError `VALUE_INVALID` */
  next(given: string | undefined): string {
    if (given === undefined) return `${this.#kind}:${(this.#count += 1)}`;
    assertText(`name of ctx.${this.#kind}`, given);
    if (this.#given.has(given)) {
      throw new MillraceError(
        "VALUE_INVALID",
        `expected each name of ctx.${this.#kind} to be given once, got twice: \`${given}\``,
      );
    }
    this.#given.add(given);
    // Numbers are the names of those without one.
    return `${this.#kind}:=${given}`;
  }
}

/** @throws MillraceError `VALUE_INVALID` for a name of `ctx.step` that is empty, too long, or means something of the orchestrator */
export function assertStepName(name: string): void {
  assertText("name of a step", name);
  if (reserved.test(name))
    throw new MillraceError(
      "VALUE_INVALID",
      `expected the name of a step not to begin with \`wait:\`, \`spawn:\`, \`each:\` or \`watermark:\`, got: \`${name}\``,
    );
}
