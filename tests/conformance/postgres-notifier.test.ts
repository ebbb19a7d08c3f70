// Changes over a network that swallows what is sent: only an answer proves that a connection works.
import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Database } from "../../src/store/postgres/database.ts";
import { defaultSchema } from "../../src/store/postgres/session.ts";
import { Notifier } from "../../src/store/postgres/notifier.ts";
import type { StoreChange } from "../../src/store/rows/change-emitter.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres/postgres-test-database.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

function open(url: string): Database {
  return new Database({ address: { url, schema: defaultSchema }, poolSize: 2, callTimeoutMs: 5_000 });
}

test("a half-open connection is noticed by its own probe, and its replacement is a change of every kind", async () => {
  await using proxy = await SwallowingProxy.start(new URL(database.url));
  await using db = open(proxy.url);
  await using notifier = new Notifier({ db, probeMs: 400 });
  const heard: StoreChange[] = [];
  let onHint = Promise.withResolvers<void>();
  using _subscription = notifier.subscribe((change) => {
    heard.push(change);
    if (heard.length >= 3) onHint.resolve();
  });
  await proxy.connected;
  proxy.swallow();
  await onHint.promise;
  expect(heard.slice(0, 3)).toEqual(["ready", "control", "schedule"]);

  onHint = Promise.withResolvers();
  await using otherDb = open(database.url);
  await using other = new Notifier({ db: otherDb });
  other.announce("control");
  await onHint.promise;
  expect(heard.slice(3)).toContain("control");
});

test("many changes in a row become few words, the first at once, and none of the last ones is lost", async () => {
  await using db = open(database.url);
  await using listenerDb = open(database.url);
  await using listener = new Notifier({ db: listenerDb });
  await using notifier = new Notifier({ db, coalesceMs: 30 });
  const heard: StoreChange[] = [];
  const last = Promise.withResolvers<void>();
  using _subscription = listener.subscribe((change) => {
    heard.push(change);
    if (change === "schedule") last.resolve();
  });
  const sql =
    "select 1 from pg_stat_activity where datname = current_database() and application_name = 'millrace-listen' and state = 'idle' and query like 'select%'";
  while ((await database.query(sql)).length === 0);
  for (let count = 0; count < 500; count += 1) notifier.announce("ready");
  notifier.announce("schedule");
  await last.promise;
  expect(heard).toContain("ready");
  expect(heard.length).toBeLessThan(10);
});

test("a listener of the same process is called at once, and hears its own words once", async () => {
  await using db = open(database.url);
  await using notifier = new Notifier({ db });
  const heard: StoreChange[] = [];
  using _subscription = notifier.subscribe((change) => heard.push(change));
  notifier.announce("ready");
  expect(heard).toEqual(["ready"]);
});

/** Passes bytes on until it is told to swallow them; connections made after that pass again. */
class SwallowingProxy implements AsyncDisposable {
  readonly url: string;
  readonly connected: Promise<unknown>;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor(server: Server, target: URL, port: number) {
    this.#server = server;
    const url = new URL(target);
    url.host = `127.0.0.1:${port}`;
    this.url = url.href;
    this.connected = once(server, "ready");
    server.on("connection", (near: Socket) => {
      const far = connect(Number(target.port), target.hostname);
      this.#sockets.push(near, far);
      for (const socket of [near, far]) socket.on("error", () => {});
      near.pipe(far);
      far.pipe(near);
      // The answer to `listen` is among the first that come back.
      far.on("data", (data) => {
        if (data.includes("LISTEN")) server.emit("ready");
      });
    });
  }

  static async start(target: URL): Promise<SwallowingProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return new SwallowingProxy(server, target, address.port);
  }

  swallow(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
