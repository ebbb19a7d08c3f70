// Functions of this process that SQL may call. The engine forgets no function before it ends, so that it gets to know one alone, which
// is told by a number whom to call.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DuckDbModule } from "./duckdb-module.ts";

type Call = (text: string) => string;

/** The functions of all sessions of one instance. */
export class DuckDbFunctions {
  readonly #calls = new Map<number, Call>();
  readonly #duckdb: DuckDbModule;
  /** What the function that was called last has thrown, since the engine passes on no more than a text. */
  readonly #thrown = new Map<number, unknown>();
  #isKnown = false;
  #last = 0;

  constructor(duckdb: DuckDbModule) {
    this.#duckdb = duckdb;
  }

  /** @returns the number that `expression` takes */
  add(connection: DuckDBConnection, call: Call): number {
    if (!this.#isKnown) this.#register(connection);
    this.#last += 1;
    this.#calls.set(this.#last, call);
    return this.#last;
  }

  /** Forgets a function. */
  remove(number: number): void {
    this.#calls.delete(number);
    this.#thrown.delete(number);
  }

  /** What one of these functions has thrown, which is then forgotten. */
  takeThrown(numbers: Iterable<number>): unknown {
    for (const number of numbers) {
      if (!this.#thrown.has(number)) continue;
      const thrown = this.#thrown.get(number);
      this.#thrown.delete(number);
      return thrown;
    }
    return undefined;
  }

  #register(connection: DuckDBConnection): void {
    const { DuckDBScalarFunction, VARCHAR, INTEGER } = this.#duckdb;
    const scalar = DuckDBScalarFunction.create({
      name: functionName,
      parameterTypes: [INTEGER, VARCHAR],
      returnType: VARCHAR,
      // the same text may become another one each time
      volatile: true,
      mainFunction: (info, chunk, output) => {
        // the number is a constant of the statement
        const number = Number(chunk.getColumnVector(0).getItem(0));
        const texts = chunk.getColumnVector(1);
        const call = this.#calls.get(number);
        try {
          for (let row = 0; row < chunk.rowCount; row += 1) {
            const text = texts.getItem(row);
            output.setItem(row, typeof text === "string" && call !== undefined ? call(text) : null);
          }
          output.flush();
        } catch (error) {
          this.#thrown.set(number, error);
          info.setError("a function has failed");
        }
      },
    });
    connection.registerScalarFunction(scalar);
    this.#isKnown = true;
  }
}

const functionName = "millrace_call";

/** SQL of the value that a function gives for an expression. */
export function callExpression(number: number, sql: string): string {
  return `${functionName}(${number}, ${sql})`;
}
