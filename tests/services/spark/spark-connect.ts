// A real Spark Connect server on loopback, of PyPI's Spark, whose jars have one: a JVM of its own with a small heap, which is warmed up,
// because its first query takes longer than most tests. Suites share one.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import type { Clock } from "../../../src/core/clock.ts";
import { ConnectSession } from "../../../src/compute/spark/connect/connect-session.ts";
import { queryRows } from "../../../src/compute/spark/read-rows.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { findFreePort } from "../loopback-port.ts";
import { ensurePython } from "../python-environment.ts";

const systemClock = createSystemClock();
const version = "4.2.0";
const startMs = 240_000;

export interface SparkConnect extends AsyncDisposable {
  readonly port: number;
  /** A new session. @param port of a proxy before the server @param parts of the address, after its `/;` */
  open(port?: number, parts?: string, clock?: Clock): Promise<ConnectSession>;
}

/** One that whoever has started it ends. */
export interface StartedSpark extends SparkConnect {
  readonly pid: number | undefined;
  /** What it writes, until it ends. */
  readonly folder: string;
  /** Ends its process at once, as a crash does. */
  kill(): Promise<void>;
}

export interface SparkConnectOptions {
  /** For one that follows another. */
  readonly port?: number;
  /** Runs functions of Python; it needs `pyarrow`. */
  readonly workerPython?: string;
  /** More of what Spark loads. */
  readonly jars?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
}

/** Answers queries when it resolves. @throws Error saying what could not be got, or the end of Spark's log */
export async function startSparkConnect(wanted: SparkConnectOptions = {}): Promise<StartedSpark> {
  const python = await ensurePython([`pyspark==${version}`]);
  const home = await sparkHome(python);
  const folder = await mkdtemp(join(tmpdir(), "millrace-spark-connect-"));
  const port = wanted.port ?? (await findFreePort());
  const { workerPython, jars = [], settings = {} } = wanted;
  const loaded = jars.length === 0 ? {} : { "spark.jars": jars.join(",") };
  const server = new Server({ home, folder, port, workerPython, more: { ...settings, ...loaded } });
  try {
    await server.untilListening();
    await using session = await server.open();
    await queryRows(session, "select count(*) as n from range(10)");
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

interface ServerOptions {
  readonly home: string;
  readonly folder: string;
  readonly port: number;
  readonly workerPython: string | undefined;
  readonly more: Readonly<Record<string, string>>;
}

/** A new session of a server on this machine. */
export async function openSession(port: number, parts: string, clock: Clock): Promise<ConnectSession> {
  return await ConnectSession.open({ address: `sc://127.0.0.1:${port}/;${parts}`, clock, random: Math.random });
}

class Server implements StartedSpark {
  readonly port: number;
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor({ home, folder, port, workerPython, more }: ServerOptions) {
    this.port = port;
    this.folder = folder;
    const settings = Object.entries({ ...settingsOf(folder, port), ...more }).flatMap(([key, value]) => [
      "--conf",
      `${key}=${value}`,
    ]);
    const main = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"];
    const python = workerPython === undefined ? {} : { PYSPARK_PYTHON: workerPython };
    // in another locale Java does not find files whose names are not ASCII
    const locale = { TZ: "UTC", LC_ALL: "C.UTF-8" };
    const env = { ...process.env, SPARK_HOME: home, SPARK_LOCAL_IP: "127.0.0.1", ...locale, ...python };
    // its scripts replace themselves by the JVM
    const log = openSync(this.#log, "a");
    this.#process = spawn(join(home, "bin/spark-submit"), ["--master", "local[2]", ...settings, ...main], {
      cwd: folder,
      env,
      // a process that ends takes its pipes with it
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#exited = once(this.#process, "close");
    this.#process.unref();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get #log(): string {
    return join(this.folder, "spark.log");
  }

  async open(port: number = this.port, parts = "", clock: Clock = systemClock): Promise<ConnectSession> {
    return await openSession(port, parts, clock);
  }

  async untilListening(): Promise<void> {
    const until = Date.now() + startMs;
    while (Date.now() < until && this.#process.exitCode === null) {
      if (await isListening(this.port)) return;
      await systemClock.sleep(200);
    }
    throw new Error(`Spark does not listen: ${(await readFile(this.#log, "utf8")).slice(-4_000)}`);
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // a script with nothing else to do waits for its end, too
    this.#process.ref();
    if (this.#process.exitCode === null && !this.#process.killed) this.#process.kill("SIGTERM");
    // else a program that waits for nothing else ends here, without a word
    this.#process.ref();
    await this.#exited;
    await rm(this.folder, { recursive: true, force: true });
  }
}

function settingsOf(folder: string, port: number): Record<string, string> {
  return {
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": String(port),
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": `-Djava.io.tmpdir=${folder} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC`,
    "spark.local.dir": folder,
    "spark.ui.enabled": "false",
    "spark.sql.warehouse.dir": join(folder, "warehouse"),
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "2",
    // so that streams end without their operation's end, as they do after two minutes
    "spark.connect.execute.reattachable.senderMaxStreamDuration": "2s",
  };
}

async function sparkHome(python: string): Promise<string> {
  const find = spawn(python, ["-c", "import importlib.util as u; print(u.find_spec('pyspark').origin)"]);
  let output = "";
  find.stdout.on("data", (chunk: Buffer) => (output += String(chunk)));
  await once(find, "close");
  return dirname(output.trim());
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isUp = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isUp;
}
