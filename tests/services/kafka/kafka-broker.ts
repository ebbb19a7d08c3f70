// A real Kafka on loopback, from Maven Central: one node, with a listener in the clear and one with TLS and accounts.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { serverCertificate, serverKey } from "../../support/http/certificates.ts";
import { findFreePort, untilListening } from "../loopback-port.ts";
import { ensureJarTree } from "../maven-jars.ts";

const run = promisify(execFile);
const version = "4.2.0";
const artifacts = [
  `org.apache.kafka:kafka_2.13:${version}`,
  `org.apache.kafka:kafka-tools:${version}`,
  "org.slf4j:slf4j-simple:1.7.36",
];

export const kafkaAccount: { readonly username: string; readonly password: string } = {
  username: "mill",
  password: "a good password",
};

/** Listens when it resolves. @throws Error saying what could not be got, or that it did not start */
export async function startKafka(): Promise<KafkaBroker> {
  const jars = await ensureJarTree(`kafka-${version}-tree`, artifacts);
  const folder = await mkdtemp(join(tmpdir(), "millrace-kafka-"));
  const ports = { plain: await findFreePort(), secure: await findFreePort(), controller: await findFreePort() };
  const broker = new KafkaBroker(jars.join(delimiter), folder, ports);
  try {
    await broker.format();
    await broker.start();
    return broker;
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
}

interface Ports {
  readonly plain: number;
  readonly secure: number;
  readonly controller: number;
}

export class KafkaBroker implements AsyncDisposable {
  readonly #classPath: string;
  readonly #folder: string;
  readonly #ports: Ports;
  #process: ChildProcess | undefined;

  constructor(classPath: string, folder: string, ports: Ports) {
    this.#classPath = classPath;
    this.#folder = folder;
    this.#ports = ports;
  }

  get address(): string {
    return `127.0.0.1:${this.#ports.plain}`;
  }

  /** Of its jars, for programs of Kafka's. */
  get classPath(): string {
    return this.#classPath;
  }

  /** For TLS and an account. */
  get secureAddress(): string {
    return `127.0.0.1:${this.#ports.secure}`;
  }

  async format(): Promise<void> {
    const properties = join(this.#folder, "server.properties");
    await writeFile(join(this.#folder, "server.pem"), `${serverKey}\n${serverCertificate}`);
    await writeFile(properties, propertiesOf(this.#folder, this.#ports));
    const { username, password } = kafkaAccount;
    const accounts = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
      "--add-scram",
      `${mechanism}=[name=${username},password=${password}]`,
    ]);
    const cluster = ["-t", "AAAAAAAAQACAAAAAAAAAAQ", "-c", properties];
    await this.#java(["kafka.tools.StorageTool", "format", "--standalone", ...cluster, ...accounts]);
  }

  async start(): Promise<void> {
    const limits = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    const main = ["-cp", this.#classPath, "kafka.Kafka", join(this.#folder, "server.properties")];
    this.#process = spawn("java", [...limits, ...main], { stdio: "ignore" });
    await untilListening(this.#ports.plain, "Kafka");
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined || process.exitCode !== null) return;
    const exited = once(process, "exit");
    process.kill("SIGKILL");
    await exited;
  }

  /** Values of a topic as Kafka's own consumer sees them, committed ones only. */
  async consume(topic: string, count: number): Promise<string[]> {
    const where = ["--bootstrap-server", this.address, "--topic", topic, "--from-beginning"];
    const what = ["--isolation-level", "read_committed", "--max-messages", String(count), "--timeout-ms", "20000"];
    const { stdout } = await this.#java(["org.apache.kafka.tools.consumer.ConsoleConsumer", ...where, ...what]);
    return stdout.split("\n").slice(0, -1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #java(args: readonly string[]): Promise<{ readonly stdout: string }> {
    const options = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", this.#classPath];
    return await run("java", [...options, ...args], { maxBuffer: 64 * 1024 * 1024 });
  }
}

function propertiesOf(folder: string, { plain, secure, controller }: Ports): string {
  const { username, password } = kafkaAccount;
  const single = ["offsets.topic", "transaction.state.log", "share.coordinator.state.topic"];
  return [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.bootstrap.servers=127.0.0.1:${controller}`,
    "controller.listener.names=CONTROLLER",
    `listeners=PLAINTEXT://127.0.0.1:${plain},SECURE://127.0.0.1:${secure},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${plain},SECURE://127.0.0.1:${secure}`,
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL",
    `log.dirs=${join(folder, "data")}`,
    ...single.map((name) => `${name}.replication.factor=1`),
    "offsets.topic.num.partitions=1",
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=2",
    "share.coordinator.state.topic.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    "auto.create.topics.enable=false",
    "listener.name.secure.ssl.keystore.type=PEM",
    `listener.name.secure.ssl.keystore.location=${join(folder, "server.pem")}`,
    "listener.name.secure.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    `listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`,
    ...["256", "512"].map(
      (bits) =>
        `listener.name.secure.scram-sha-${bits}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;`,
    ),
  ].join("\n");
}
