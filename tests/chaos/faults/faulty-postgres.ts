// A chaos run on a Postgres server of its own that flushes as a production server does, reached through a proxy. Its faults:
// restarts, killed backends, a server that only reads, and a network that loses answers, delays, stalls and narrows.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { startPostgresServer } from "../../support/postgres/postgres-server.ts";
import { openReader } from "../store-contents.ts";
import type { FaultyStore, StoreFault } from "./faulty-store.ts";
import { openChaosStore } from "../programs/program-options.ts";
import { type ProxyFaults, startTcpProxy } from "./tcp-proxy.ts";

export interface FaultyPostgresOptions {
  /** How long the shortest faults of the network last. */
  readonly shortMs: number;
}

export async function createFaultyPostgres({ shortMs }: FaultyPostgresOptions): Promise<FaultyStore> {
  const server = await startPostgresServer({ durable: true, settings: { autovacuum_naptime: "5s" } });
  const proxy = await startTcpProxy(server.port);
  const database = "postgres";
  const direct = { dialect: "postgres", url: server.url(database) } as const;
  const store = { dialect: "postgres", url: direct.url.replace(`:${server.port}/`, `:${proxy.port}/`) } as const;
  await (await openChaosStore(direct))[Symbol.asyncDispose]();
  const reader = await openReader(direct);
  let killedBackends = 0;

  const restart = async (mode: "fast" | "immediate"): Promise<void> => {
    await server.stop(mode);
    await server.start();
  };
  const network =
    (faults: ProxyFaults, times: number): StoreFault["inflict"] =>
    async (random) => {
      proxy.setFaults(faults);
      await sleep(random.integer(shortMs, shortMs * times));
      proxy.setFaults({});
    };
  return {
    dialect: "postgres",
    store,
    direct,
    reader,
    version: `Postgres ${String((await reader.rows("show server_version"))[0]?.["server_version"])}`,
    faults: {
      restart_fast: { perThousand: 8, stalls: true, inflict: () => restart("fast") },
      restart_immediate: { perThousand: 8, stalls: true, inflict: () => restart("immediate") },
      kill_backend: {
        perThousand: 200,
        async inflict() {
          const killed = await reader.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name not like 'chaos%' and backend_type = 'client backend' order by random() limit 1",
          );
          killedBackends += killed.length;
        },
      },
      read_only: {
        perThousand: 10,
        stalls: true,
        async inflict(random) {
          await setReadOnly(direct.url, true);
          await sleep(random.integer(shortMs, shortMs * 4));
          await setReadOnly(direct.url, false);
        },
      },
      commit_unknown: {
        perThousand: 200,
        async inflict(random) {
          let left = random.integer(1, 2);
          proxy.setFaults({ losesAnswer: () => (left -= 1) >= 0 });
          const deadlineAt = performance.now() + 3_000;
          while (left > 0 && performance.now() < deadlineAt) await sleep(5);
          proxy.setFaults({});
        },
      },
      // Only in plans of their own: a part of all commits lose their answers, until so many have.
      lose_twenty_answers: {
        perThousand: 0,
        async inflict(random) {
          const until = proxy.lostAnswers + 20;
          proxy.setFaults({ losesAnswer: () => random.next() < 0.1 && proxy.lostAnswers < until });
          while (proxy.lostAnswers < until) await sleep(5);
          proxy.setFaults({});
        },
      },
      black_hole: { perThousand: 12, stalls: true, inflict: network({ isBlackHole: true }, 8) },
      cut_all: { perThousand: 30, inflict: async () => void proxy.cutAll() },
      delay: { perThousand: 20, stalls: true, inflict: network({ delayMs: 40 }, 5) },
      narrow: { perThousand: 20, stalls: true, inflict: network({ bytesPerSecond: 40_000 }, 5) },
    },
    counts: () => ({
      lost_commit_answers: proxy.lostAnswers,
      commits_seen: proxy.commits,
      killed_backends: killedBackends,
    }),
    async heal() {
      proxy.setFaults({});
      await setReadOnly(direct.url, false);
    },
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

// On a connection of its own, on which writing is allowed whatever the server's default. Sessions follow at their next
// transaction, as the clients of a server that became a standby do.
async function setReadOnly(url: string, isReadOnly: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: "chaos-fault" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("set default_transaction_read_only = off");
    await client.query(`alter system set default_transaction_read_only = ${isReadOnly ? "on" : "off"}`);
    await client.query("select pg_reload_conf()");
  } finally {
    await client.end();
  }
}
