// Stands between the processes and Postgres and spoils their connections: lost answers to commits, delays, half-open
// connections, little bandwidth. Bytes keep their order, and none is ever changed.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CommitWatch, type WatchedAnswer } from "./commit-watch.ts";

export interface ProxyFaults {
  /** Asked at each commit, with its statements: true cuts the connection before the client gets the answer. */
  readonly losesAnswer?: (statements: string) => boolean;
  /** How long each piece of data is under way, in both directions. */
  readonly delayMs?: number;
  /** Bytes a second that pass in one direction of one connection. */
  readonly bytesPerSecond?: number;
  /** Nothing passes and nothing is closed, as when the other machine vanished from the network. */
  readonly isBlackHole?: boolean;
}

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Commits whose answers were lost. */
  readonly lostAnswers: number;
  /** Commits that were seen. */
  readonly commits: number;
  /** What is wrong with the network from now on. */
  setFaults(faults: ProxyFaults): void;
  /** Cuts every connection. @returns how many */
  cutAll(): number;
}

/** Listens on a free port of the loopback interface. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const links = new Set<Link>();
  const counts = { lostAnswers: 0, commits: 0 };
  let faults: ProxyFaults = {};
  let changed = Promise.withResolvers<void>();

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    const link: Link = { client, upstream, watch: new CommitWatch() };
    links.add(link);
    for (const socket of [client, upstream]) socket.on("error", () => cut(link));
    void pump(client, upstream, (chunk) => {
      link.watch.request(chunk);
      return [chunk];
    }).finally(() => cut(link));
    void pump(upstream, client, (chunk) => passedAnswers(link, link.watch.answer(chunk))).finally(() => cut(link));
  });

  function cut(link: Link): void {
    links.delete(link);
    link.client.destroy();
    link.upstream.destroy();
  }

  function passedAnswers(link: Link, answers: readonly WatchedAnswer[]): Buffer[] | undefined {
    const passed: Buffer[] = [];
    for (const { bytes, committed } of answers) {
      if (committed !== undefined) counts.commits += 1;
      if (committed !== undefined && faults.losesAnswer?.(committed) === true) {
        counts.lostAnswers += 1;
        cut(link);
        return undefined;
      }
      passed.push(bytes);
    }
    return passed;
  }

  // `read` returns `undefined` when the connection ends there.
  async function pump(from: Socket, to: Socket, read: (chunk: Buffer) => Buffer[] | undefined): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await travel(chunk.length);
        for (const bytes of read(chunk) ?? []) if (!to.write(bytes)) await once(to, "drain");
      }
    } catch {
      // The connection is gone, and its other half goes with it.
    }
  }

  async function travel(bytes: number): Promise<void> {
    const { delayMs = 0, bytesPerSecond } = faults;
    const waitMs = delayMs + (bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1_000);
    if (waitMs > 0) await sleep(waitMs);
    while (faults.isBlackHole === true) await changed.promise;
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    get lostAnswers() {
      return counts.lostAnswers;
    },
    get commits() {
      return counts.commits;
    },
    setFaults(next) {
      faults = next;
      changed.resolve();
      changed = Promise.withResolvers<void>();
    },
    cutAll() {
      const all = [...links];
      for (const link of all) cut(link);
      return all.length;
    },
    async [Symbol.asyncDispose]() {
      faults = {};
      changed.resolve();
      for (const link of links) cut(link);
      server.close();
      await once(server, "close");
    },
  };
}

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly watch: CommitWatch;
}
