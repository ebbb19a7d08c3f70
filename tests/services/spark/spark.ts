// A real Spark with Delta Lake on loopback, from PyPI and Maven Central, below `.cache/services`: one process that a suite asks
// in SQL until it lets go of it.
import { fileURLToPath } from "node:url";
import type { Row } from "../../../src/compute/engine.ts";
import { ensureJars } from "../maven-jars.ts";
import { ensurePython } from "../python-environment.ts";
import { PythonServer } from "../python-server.ts";

/** The newest Spark that the newest Delta Lake of Maven Central reads with. */
const sparkVersion = "4.2.0";
const deltaVersion = "4.4.0";

const artifacts = ["delta-spark_4.2_2.13", "delta-storage"].map((name) => `io.delta:${name}:${deltaVersion}`);

/** Starts it. @throws Error saying what could not be got, or what Spark said */
export async function startSpark(): Promise<Spark> {
  const python = await ensurePython([`pyspark==${sparkVersion}`]);
  const jars = await ensureJars(`delta-spark-${deltaVersion}`, artifacts);
  const script = fileURLToPath(new URL("spark_server.py", import.meta.url));
  return new Spark(await PythonServer.start(python, script, jars));
}

export class Spark implements AsyncDisposable {
  readonly #server: PythonServer;

  constructor(server: PythonServer) {
    this.#server = server;
  }

  /** Executes statements, one after the other. */
  async run(...statements: readonly string[]): Promise<void> {
    await this.#server.ask({ run: statements });
  }

  /** The rows of a query, with values as `toPlainRows` gives those of Millrace. */
  async rows(sql: string): Promise<Row[]> {
    return (await this.#server.ask({ rows: sql })) as Row[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
