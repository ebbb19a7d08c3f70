// Where streams that are killed keep their records and effects: a store, a log and two targets, with the servers that can be killed,
// too, and with the readers that look at them in the end.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { type KafkaBroker, startKafka } from "../../services/kafka/kafka-broker.ts";
import { type PostgresServer, startPostgresServer } from "../../support/postgres/postgres-server.ts";
import { type BlockRow, blocksSql, decodeBlock, type LaidRecord } from "./decode-blocks.ts";
import { readKafka } from "./read-kafka.ts";
import { readDelta, readPostgres, readSqlite } from "./read-tables.ts";
import { partitions, targetPaths } from "./stream-kill-project.ts";

/** Which store, and which log: the one inside the store, or Kafka. */
export interface PlaceKind {
  readonly store: "sqlite" | "postgres";
  readonly log: "embedded" | "kafka";
}

/** A server that a trial kills and starts again. */
export interface KilledServer {
  readonly name: string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export type StoreRow = Readonly<Record<string, unknown>>;

export interface KillPlace extends AsyncDisposable {
  /** Variables of every process of the project. */
  readonly env: Readonly<Record<string, string>>;
  /** Text of the target beside the Delta table, and of `streams` in the configuration. */
  readonly target: string;
  readonly streams: string;
  readonly servers: readonly KilledServer[];
  /** Asks the store. @param folder of the project */
  query(folder: string, sql: string): Promise<readonly StoreRow[]>;
  /** Gives each record of a topic to `take`, those of a partition in their order. */
  readTopic(folder: string, topic: string, take: (record: LaidRecord) => void): Promise<void>;
  /** The numbers in each table. */
  readTables(folder: string): Promise<Readonly<Record<string, readonly number[]>>>;
}

/** Starts what the place needs; stopped and removed when it is disposed. */
export async function openKillPlace({ store, log }: PlaceKind): Promise<KillPlace> {
  await using cleanup = new AsyncDisposableStack();
  const servers: KilledServer[] = [];
  const database = store === "postgres" ? cleanup.use(await startDatabase("the store's Postgres")) : undefined;
  const warehouse = store === "postgres" ? cleanup.use(await startDatabase("the target's Postgres")) : undefined;
  const broker = log === "kafka" ? cleanup.use(await startKafka()) : undefined;
  for (const server of [database, warehouse]) if (server !== undefined) servers.push(server);
  if (broker !== undefined) servers.push(killedBroker(broker));
  const query: KillPlace["query"] = async (folder, sql) =>
    database === undefined ? querySqlite(folder, sql) : await queryPostgres(database.url, sql);
  const owned = cleanup.move();
  return {
    env: {
      ...(database === undefined ? {} : { MILLRACE_DATABASE_URL: database.url }),
      ...(warehouse === undefined ? {} : { KILLED_WAREHOUSE_URL: warehouse.url }),
    },
    target:
      warehouse === undefined
        ? `sqlite: { path: "${targetPaths.sqlite}" }`
        : 'postgres: { url: "env:KILLED_WAREHOUSE_URL" }',
    streams: broker === undefined ? "{}" : `{ log: { kafka: { brokers: ["${broker.address}"] } } }`,
    servers,
    query,
    readTopic: async (folder, topic, take) => {
      if (broker !== undefined) return await readKafka(broker, topic, take);
      for (let partition = 0; partition < partitions; partition += 1) {
        await readBlocks((from) => query(folder, blocksSql(topic, partition, from)), take);
      }
    },
    readTables: async (folder) => ({
      "the Delta table": await readDelta(folder),
      ...(warehouse === undefined
        ? { "the SQLite table": readSqlite(folder) }
        : { "the Postgres table": await readPostgres(warehouse.url) }),
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface StartedDatabase extends KilledServer, AsyncDisposable {
  readonly url: string;
}

async function startDatabase(name: string): Promise<StartedDatabase> {
  const server: PostgresServer = await startPostgresServer({ durable: false });
  return {
    name,
    url: server.url("postgres"),
    kill: () => server.stop("immediate"),
    start: () => server.start(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function killedBroker(broker: KafkaBroker): KilledServer {
  return { name: "the broker", kill: () => broker.kill(), start: () => broker.start() };
}

async function readBlocks(
  page: (from: number) => Promise<readonly StoreRow[]>,
  take: (record: LaidRecord) => void,
): Promise<void> {
  for (let from = 0; ;) {
    const rows = (await page(from)) as unknown as readonly BlockRow[];
    const [last] = rows.slice(-1);
    if (last === undefined) return;
    for (const row of rows) for (const record of decodeBlock(row)) take(record);
    from = Number(last.first_offset) + 1;
  }
}

function querySqlite(folder: string, sql: string): readonly StoreRow[] {
  using database = new DatabaseSync(join(folder, ".millrace/store.db"), { readOnly: true, timeout: 5_000 });
  return database.prepare(sql).all();
}

async function queryPostgres(url: string, sql: string): Promise<readonly StoreRow[]> {
  const client = new pg.Client({ connectionString: url, options: "-c search_path=millrace" });
  await client.connect();
  try {
    return (await client.query<StoreRow>(sql)).rows;
  } finally {
    await client.end();
  }
}
