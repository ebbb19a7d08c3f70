import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CommitWatch } from "./commit-watch.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let server: Server;
let proxy: TcpProxy;
const sockets = new Set<Socket>();

// Answers each message of the client with one row's worth of Postgres protocol, chosen by what was asked.
beforeEach(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    let isStarted = false;
    socket.on("data", (data: Buffer) => {
      if (!isStarted) {
        isStarted = true;
        socket.write(Buffer.concat([message("R", Buffer.alloc(4)), ready("I")]));
        return;
      }
      const sql = data.toString("utf8", 5, data.length - 1);
      socket.write(Buffer.concat([tag(sql), ready(sql === "BEGIN" ? "T" : "I")]));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  proxy = await startTcpProxy(typeof address === "object" && address !== null ? address.port : 0);
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server.close();
  await once(server, "close");
});

test("bytes pass in both directions and commits are counted", async () => {
  await using client = await open();
  expect(await client.ask("BEGIN")).toContain("BEGIN");
  expect(await client.ask("INSERT 0 1")).toContain("INSERT 0 1");
  expect(await client.ask("COMMIT")).toContain("COMMIT");
  expect(await client.ask("SELECT 1")).toContain("SELECT 1");
  expect(await client.ask("UPDATE 0")).toContain("UPDATE 0");
  // The statement within the fake server's transaction was answered as if outside of one, so it counts as well.
  expect(proxy.commits).toBe(2);
  expect(proxy.lostAnswers).toBe(0);
});

test("a lost answer cuts the connection after the server committed, and only there", async () => {
  await using client = await open();
  proxy.setFaults({ losesAnswer: (statements) => statements.includes("COMMIT") });
  expect(await client.ask("DELETE 3")).toContain("DELETE 3");
  expect(await client.ask("ROLLBACK")).toContain("ROLLBACK");
  await expect(client.ask("COMMIT")).rejects.toThrow("closed");
  expect(proxy.lostAnswers).toBe(1);
  await using other = await open();
  expect(await other.ask("SELECT 1")).toContain("SELECT 1");
});

test("what nobody asked for is not held back, what was asked for comes whole", () => {
  const watch = new CommitWatch();
  watch.request(startup());
  watch.answer(ready("I"));
  const notification = message("A", Buffer.from("ready"));
  expect(watch.answer(notification)).toEqual([{ bytes: notification, committed: undefined }]);
  watch.request(query("select 1"));
  expect(watch.answer(tag("SELECT 1"))).toEqual([]);
  expect(watch.answer(ready("I")).map(({ bytes }) => bytes)).toEqual([Buffer.concat([tag("SELECT 1"), ready("I")])]);
});

test("a delay holds back and keeps the order, and little bandwidth takes its time", async () => {
  await using client = await open();
  proxy.setFaults({ delayMs: 30 });
  const startedAt = performance.now();
  expect(await client.ask("SELECT 1")).toContain("SELECT 1");
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(59);
  proxy.setFaults({ bytesPerSecond: 1_000 });
  const narrowAt = performance.now();
  await client.ask(`SELECT ${"1".repeat(50)}`);
  expect(performance.now() - narrowAt).toBeGreaterThanOrEqual(90);
});

test("in a black hole nothing passes and nothing is closed until it ends", async () => {
  await using client = await open();
  proxy.setFaults({ isBlackHole: true });
  let isAnswered = false;
  const answer = client.ask("SELECT 1").then((text) => {
    isAnswered = true;
    return text;
  });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(isAnswered).toBe(false);
  expect(client.socket.destroyed).toBe(false);
  proxy.setFaults({});
  expect(await answer).toContain("SELECT 1");
});

test("all connections can be cut at once", async () => {
  await using first = await open();
  await using second = await open();
  expect(proxy.cutAll()).toBe(2);
  await expect(first.ask("SELECT 1")).rejects.toThrow("closed");
  await expect(second.ask("SELECT 1")).rejects.toThrow("closed");
});

test("statements that were prepared once are known when they commit again", () => {
  const watch = new CommitWatch();
  watch.request(startup());
  watch.answer(ready("I"));
  const prepared = Buffer.concat([
    text("s1"),
    text("with x as (delete from ready returning 1) select 1"),
    Buffer.alloc(2),
  ]);
  const bind = Buffer.concat([text(""), text("s1"), Buffer.alloc(6)]);
  const ask = Buffer.concat([message("B", bind), message("E", Buffer.alloc(5)), message("S", Buffer.alloc(0))]);
  watch.request(Buffer.concat([message("P", prepared), ask]));
  expect(committedBy(watch, "SELECT 1", "I")).toContain("delete from ready");
  // In pieces, as the network may deliver it.
  for (const byte of ask) watch.request(Buffer.from([byte]));
  expect(committedBy(watch, "SELECT 1", "I")).toContain("delete from ready");
  watch.request(query("select now()"));
  expect(committedBy(watch, "SELECT 1", "I")).toBeUndefined();
  watch.request(query("insert into a values (1)"));
  expect(committedBy(watch, "INSERT 0 1", "T")).toBeUndefined();
  watch.request(query("commit"));
  expect(committedBy(watch, "COMMIT", "I")).toContain("insert into a");
});

function committedBy(watch: CommitWatch, answer: string, status: string): string | undefined {
  const [whole, ...more] = watch.answer(Buffer.concat([tag(answer), ready(status)]));
  expect(more).toEqual([]);
  return whole?.committed;
}

interface TestClient extends AsyncDisposable {
  readonly socket: Socket;
  ask(sql: string): Promise<string>;
}

async function open(): Promise<TestClient> {
  const socket = connect({ port: proxy.port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const answered = async (): Promise<string> => {
    const chunks: Buffer[] = [];
    for (;;) {
      const data = await Promise.race([once(socket, "data"), once(socket, "close").then(() => undefined)]);
      if (data === undefined) throw new Error("the connection was closed");
      chunks.push(data[0] as Buffer);
      const all = Buffer.concat(chunks);
      if (all.at(-6) === "Z".charCodeAt(0)) return all.toString("latin1");
    }
  };
  socket.write(startup());
  await answered();
  return {
    socket,
    async ask(sql) {
      if (socket.destroyed) throw new Error("the connection was closed");
      socket.write(query(sql));
      return await answered();
    },
    async [Symbol.asyncDispose]() {
      if (socket.closed) return;
      socket.destroy();
      await once(socket, "close");
    },
  };
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function startup(): Buffer {
  const packet = Buffer.alloc(8);
  packet.writeInt32BE(8, 0);
  packet.writeInt32BE(196_608, 4);
  return packet;
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function query(sql: string): Buffer {
  return message("Q", text(sql));
}

function tag(value: string): Buffer {
  return message("C", text(value));
}

function ready(status: string): Buffer {
  return message("Z", Buffer.from(status, "latin1"));
}
