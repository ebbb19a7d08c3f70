// A program in Python that answers requests, each with one line of JSON, until it is let go: starting one for every request
// costs more than the answers.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

/** One request at a time, in the order in which they are made. */
export class PythonServer implements AsyncDisposable {
  readonly #server: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  #ready: unknown;
  /** The end of what it has logged, to be told with a failure. */
  #log = "";

  private constructor(server: ChildProcess) {
    if (server.stdout === null) throw new Error("no answers can be read");
    this.#server = server;
    this.#ended = new Promise((resolve) => server.once("close", resolve));
    this.#lines = createInterface({ input: server.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
    server.stderr?.on("data", (chunk: Buffer) => (this.#log = `${this.#log}${String(chunk)}`.slice(-4000)));
  }

  /** Starts a script, which says with its first answer that it is ready. Its times are in UTC. */
  static async start(python: string, script: string, args: readonly string[] = []): Promise<PythonServer> {
    const server = new PythonServer(
      spawn(python, [script, ...args], {
        env: { ...process.env, TZ: "UTC", PYTHONDONTWRITEBYTECODE: "1" },
        stdio: ["pipe", "pipe", "pipe"],
      }),
    );
    server.#ready = await server.#answer();
    return server;
  }

  /** What the program said first. */
  get ready(): unknown {
    return this.#ready;
  }

  /** @throws Error with what the program says is wrong */
  async ask(request: object): Promise<unknown> {
    this.#server.stdin?.write(`${JSON.stringify(request)}\n`);
    return await this.#answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.stdin?.end();
    await this.#ended;
    this.#lines.close();
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`the program has ended: ${this.#log}`);
    const { answer, error } = JSON.parse(value) as { readonly answer?: unknown; readonly error?: string };
    if (error !== undefined) throw new Error(error);
    return answer;
  }
}
