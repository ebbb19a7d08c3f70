// An emulation of Amazon Redshift for tests: it speaks the protocol of Postgres, has a real Postgres do what that understands, refuses what
// Redshift refuses, and does COPY from the bucket of the test by itself. It is made after the documents of the service, which no test has
// ever reached.
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Engine } from "../../../src/compute/engine.ts";
import type { S3Server } from "../files/s3-server.ts";
import type { TestDatabase } from "../postgres/postgres-test-database.ts";
import { LoadFailure, parseCopy, readStaged } from "./copy.ts";
import { builtins, RedshiftRefusal, toPostgres } from "./dialect.ts";
import { encodeMessage, parseRow, textOf, type WireMessage, WireReader } from "./wire.ts";

/** What a test does instead of a statement; `undefined` leaves it to the server. */
export type RedshiftTrouble = (statement: string) => RedshiftRefusal | undefined;

export interface RedshiftServerOptions {
  /** What does most of the work. */
  readonly database: TestDatabase;
  /** Reads Parquet. */
  readonly engine: Engine;
  readonly bucket: () => S3Server;
}

/** Listens on a port of its own until it is disposed of. */
export class RedshiftServer implements AsyncDisposable {
  /** As they came, without those that begin a session. */
  readonly statements: string[] = [];
  trouble: RedshiftTrouble = () => undefined;
  readonly #options: RedshiftServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: RedshiftServerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => void this.#serve(socket));
  }

  static async start(options: RedshiftServerOptions): Promise<RedshiftServer> {
    await options.database.query(builtins);
    const server = new RedshiftServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** What a variable of the environment has as the address. */
  get url(): string {
    const url = new URL(this.#options.database.url);
    url.hostname = "127.0.0.1";
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(client: Socket): Promise<void> {
    const { hostname, port } = new URL(this.#options.database.url);
    const backend = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const [socket, other] of [[client, backend] as const, [backend, client] as const]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    const reader = new WireReader(client);
    let startup = await reader.startup();
    if (startup?.readInt32BE(0) === tlsRequest) {
      client.write("N");
      startup = await reader.startup();
    }
    if (startup === undefined) return;
    backend.write(withOptions(startup));
    await new RedshiftConversation(client, backend, this, this.#options).run(reader);
  }
}

const tlsRequest = 80_877_103;

/** Texts of Redshift have escapes, and its own functions are in no schema that people see. */
function withOptions(startup: Buffer): Buffer {
  const options = [
    "standard_conforming_strings=off",
    "escape_string_warning=off",
    "search_path=public,redshift_builtin",
  ];
  const text = options.map((option) => `-c ${option}`).join(" ");
  const body = Buffer.concat([startup.subarray(0, -1), Buffer.from(`options\0${text}\0\0`)]);
  const head = Buffer.alloc(4);
  head.writeInt32BE(body.length + 4);
  return Buffer.concat([head, body]);
}

/** One session: each statement is answered before the next one is read. */
class RedshiftConversation {
  readonly #client: Socket;
  readonly #backend: Socket;
  readonly #answers: WireReader;
  readonly #server: RedshiftServer;
  readonly #options: RedshiftServerOptions;

  constructor(client: Socket, backend: Socket, server: RedshiftServer, options: RedshiftServerOptions) {
    this.#client = client;
    this.#backend = backend;
    this.#answers = new WireReader(backend);
    this.#server = server;
    this.#options = options;
  }

  async run(reader: WireReader): Promise<void> {
    // passwords pass through while the backend greets
    const greeted = this.#relay();
    for (let message = await reader.message(); message !== undefined; message = await reader.message()) {
      if (message.type !== "Q") {
        this.#backend.write(encodeMessage(message.type, message.body));
        continue;
      }
      await greeted;
      await this.#answer(textOf(message));
    }
  }

  async #answer(text: string): Promise<void> {
    if (!text.startsWith("SET timezone")) this.#server.statements.push(text);
    try {
      const trouble = this.#server.trouble(text);
      if (trouble !== undefined) throw trouble;
      const copy = parseCopy(text);
      if (copy !== undefined) return await this.#copy(copy.table, copy.manifest);
      this.#send(text.split("; ").map(toPostgres).join("; "));
    } catch (error) {
      if (!(error instanceof RedshiftRefusal)) throw error;
      await this.#refuse(error);
    }
    await this.#relay();
  }

  async #copy(table: string, manifest: string): Promise<void> {
    const columns = await this.#ask(`SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum`);
    const known = columns.map(([name, type]) => ({ name: name ?? "", type: type ?? "" }));
    try {
      const { engine, bucket } = this.#options;
      const rows = await readStaged(engine, bucket(), manifest, known);
      this.#send(`COPY ${table} FROM STDIN (FORMAT csv, NULL 'NULL')`);
      await this.#next("G");
      this.#backend.write(Buffer.concat([encodeMessage("d", rows), encodeMessage("c", Buffer.alloc(0))]));
    } catch (error) {
      if (!(error instanceof RedshiftRefusal)) throw error;
      await this.#refuse(error);
    }
    await this.#relay();
  }

  async #note({ column, type, message }: LoadFailure): Promise<void> {
    const [[pid] = []] = await this.#ask("SELECT pg_backend_pid()");
    await this.#options.database.query(
      `insert into redshift_builtin.sys_load_error_detail (session_id, column_name, column_type, error_code, error_message)
        values ($1, $2, $3, 15001, $4)`,
      pid,
      column,
      type.slice(0, 10),
      message,
    );
  }

  /** Has the backend fail, so that it knows of the failure as the client does. */
  async #refuse(refusal: RedshiftRefusal): Promise<void> {
    if (refusal instanceof LoadFailure) await this.#note(refusal);
    const { state, message } = refusal;
    this.#send(`DO $do$ BEGIN RAISE EXCEPTION USING ERRCODE = '${state}', MESSAGE = $m$${message}$m$; END $do$`);
  }

  #send(sql: string): void {
    this.#backend.write(encodeMessage("Q", sql));
  }

  /** Passes on what the backend says until it waits for a statement. */
  async #relay(): Promise<void> {
    for (;;) {
      const message = await this.#answers.message();
      if (message === undefined) return;
      this.#client.write(encodeMessage(message.type, asRedshift(message)));
      if (message.type === "Z") return;
    }
  }

  async #ask(sql: string): Promise<(string | null)[][]> {
    this.#send(sql);
    const rows: (string | null)[][] = [];
    for (;;) {
      const message = await this.#answers.message();
      if (message === undefined || message.type === "Z") return rows;
      if (message.type === "D") rows.push(parseRow(message));
    }
  }

  async #next(type: string): Promise<void> {
    const message = await this.#answers.message();
    if (message?.type !== type) throw new Error(`expected a message ${type}, got: ${message?.type}`);
  }
}

function asRedshift({ type, body }: WireMessage): Buffer {
  return type === "S" && body.toString().startsWith("server_version\0")
    ? Buffer.from("server_version\x008.0.2\0")
    : body;
}
