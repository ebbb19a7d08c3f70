// Rows from a connection to MySQL and bytes to it, neither faster than the other side takes them.
import { once } from "node:events";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Connection } from "mysql2";
import type { MysqlRow } from "./mysql-row.ts";

/** Rows of one chunk. */
const chunkRows = 2_000;

/** Rows of a statement in chunks; while nobody asks for the next one, nothing is read. */
export async function* streamRows(
  connection: Connection,
  sql: string,
  lost: Promise<never>,
): AsyncGenerator<readonly MysqlRow[]> {
  let rows: MysqlRow[] = [];
  let news = Promise.withResolvers<void>();
  let isDone = false;
  const query = connection.query({ sql });
  query.on("result", (row: unknown) => {
    rows.push(row as MysqlRow);
    if (rows.length < chunkRows) return;
    connection.pause();
    news.resolve();
  });
  const failed = new Promise<never>((_resolve, reject) => query.on("error", reject));
  failed.catch(() => undefined); // heard of by whoever waits for rows
  query.on("end", () => {
    isDone = true;
    news.resolve();
  });
  while (true) {
    await Promise.race([failed, lost, news.promise]);
    const [chunk, wasLast] = [rows, isDone];
    rows = [];
    news = Promise.withResolvers();
    if (chunk.length > 0) yield chunk;
    if (wasLast) return;
    connection.resume();
  }
}

/** The driver writes whatever comes; bytes come here only while the socket has room. */
export function pacedBytes(connection: Connection, bytes: Readable): Readable {
  return Readable.from(pace(bytes, socketOf(connection)), { objectMode: false });
}

/** Fails when the connection ends, of which the driver tells nothing to whoever waits for an answer. */
export async function untilLost(connection: Connection): Promise<never> {
  await once(socketOf(connection), "close");
  throw Object.assign(new Error("the connection has ended"), { code: "ECONNRESET", fatal: true });
}

function socketOf(connection: Connection): Socket {
  return (connection as unknown as { readonly stream: Socket }).stream;
}

async function* pace(bytes: Readable, socket: Socket): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    yield chunk as Buffer;
    if (socket.writableNeedDrain && !socket.destroyed) {
      await Promise.race([once(socket, "drain"), once(socket, "close")]);
    }
  }
}
