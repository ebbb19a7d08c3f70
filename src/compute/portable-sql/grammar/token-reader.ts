// Walks over the tokens of a statement.
import { NotPortable, type Refusal } from "./refuse-sql.ts";
import type { SqlToken } from "./sql-tokens.ts";

/** Neither a person nor a program writes more, and Spark's own parser ends at some depth, too. */
const deepest = 200;

export class TokenReader {
  readonly #tokens: readonly SqlToken[];
  #place = 0;
  #depth = 0;

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
  }

  /** The token that comes next, or one behind it; the last one is of the kind `end`. */
  peek(ahead = 0): SqlToken {
    const token = this.#tokens[Math.min(this.#place + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new Error("a statement has at least the token that ends it");
    return token;
  }

  take(): SqlToken {
    const token = this.peek();
    this.#place += 1;
    return token;
  }

  /** Whether these words and signs come next. */
  sees(...texts: readonly string[]): boolean {
    return texts.every((text, ahead) => {
      const token = this.peek(ahead);
      return (token.kind === "word" || token.kind === "sign") && token.value === text;
    });
  }

  /** Takes these words and signs if they come next. */
  takes(...texts: readonly string[]): boolean {
    if (!this.sees(...texts)) return false;
    this.#place += texts.length;
    return true;
  }

  /** Reads what may hold others of its kind. @throws NotPortable when there are too many in each other */
  nest<Read>(work: () => Read): Read {
    if (this.#depth >= deepest) {
      const instead = "compute parts of it in queries of a `with`";
      throw this.refuse({ what: "this expression", why: `it is in ${deepest} others`, instead });
    }
    this.#depth += 1;
    const read = work();
    this.#depth -= 1;
    return read;
  }

  expect(text: string): SqlToken {
    if (this.sees(text)) return this.take();
    throw this.refuse(this.unexpected(`\`${text}\``));
  }

  /** @param token that is refused; the next one when left out */
  refuse(reason: Omit<Refusal, "at">, token: SqlToken = this.peek()): NotPortable {
    return new NotPortable({ at: token.at, ...reason });
  }

  /** What to say of the next token when something else should be there. */
  unexpected(expected: string): Omit<Refusal, "at"> {
    const { kind, text } = this.peek();
    return {
      what: kind === "end" ? "the end" : `\`${text}\``,
      why: `expected ${expected} there`,
      instead: "what the subset has is in docs/reference/sql-dialects.md; outside of it a job names its engine",
    };
  }
}
