// Partitions of the history: one is made before the first run needs it, and one goes when the retention emptied it, which
// gives the room back to the system at once.
import { partitionedTables, partitionWidth } from "../migrations/0001-run-tables-postgres.ts";
import type { Database, Session, Statement, Transaction } from "./database.ts";

/**
 * Cheap to repeat; only one process does it at a time, others leave at once. Partitions come and go under a lock of their
 * table, which is not waited for longer than a second: others would wait behind it.
 */
export async function tidy(db: Database): Promise<void> {
  try {
    await movePartitions(db);
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
  }
}

async function movePartitions(db: Database): Promise<void> {
  const { rows } = await db.query<{ last: number; first: number }>(readRange);
  const [range] = rows;
  if (range === undefined) return;
  const present = await listPartitions(db);
  const wanted = [partitionOf(range.last), partitionOf(range.last + partitionWidth / 2)];
  const missing = wanted.filter((index) => !present.includes(index));
  // Those in use, and the one that comes next, stay.
  const candidates = present.filter((index) => index < partitionOf(range.first) && index < partitionOf(range.last));
  if (missing.length === 0 && candidates.length === 0) return;
  await db.transact(async (transaction) => {
    const { rows: locks } = await transaction.query<{ taken: boolean }>(tryLock, []);
    if (locks[0]?.taken !== true) return;
    await transaction.execute("set local lock_timeout = '1s'");
    for (const index of new Set(missing)) await addPartition(transaction, index);
    for (const index of candidates) await dropIfEmpty(transaction, index);
  });
}

// The greatest id ever given, and the oldest run that is kept; its members and history have ids as great or greater.
const readRange: Statement = {
  name: "tidy_range",
  text: `select (select last_value from run_id_seq) as last, coalesce((select min(id) from run), 0) as first`,
};

const tryLock: Statement = {
  name: "tidy_lock",
  text: "select pg_try_advisory_xact_lock(1298754668, 1952540793) as taken",
};

function isLockTimeout(error: unknown): boolean {
  return (
    error instanceof Error && error.cause instanceof Error && "code" in error.cause && error.cause.code === "55P03"
  );
}

const readPartitions: Statement = {
  name: "tidy_partitions",
  text: `select substring(child.relname from '_(\\d+)$')::int as index from pg_inherits
    join pg_class child on child.oid = pg_inherits.inhrelid
    where pg_inherits.inhparent = 'run'::regclass and child.relname ~ '_\\d+$'`,
};

async function listPartitions(session: Session): Promise<number[]> {
  const { rows } = await session.query<{ index: number }>(readPartitions, []);
  return rows.map(({ index }) => index);
}

function partitionOf(runId: number): number {
  return Math.floor(runId / partitionWidth);
}

// Rows that came before their partition went to the default one, and keep it from being made; they stay where they are.
async function addPartition(transaction: Transaction, index: number): Promise<void> {
  const [from, to] = [index * partitionWidth, (index + 1) * partitionWidth];
  for (const [table, column] of partitionedTables) {
    const { rows } = await transaction.query<{ isTaken: boolean }>(
      {
        name: "",
        text: `select exists (select 1 from ${table}_default where ${column} >= ${from} and ${column} < ${to})
          or to_regclass('${table}_${index}') is not null as "isTaken"`,
      },
      [],
    );
    if (rows[0]?.isTaken === true) continue;
    const text = `create table ${table}_${index} partition of ${table} for values from (${from}) to (${to})`;
    await transaction.query({ name: "", text }, []);
  }
}

async function dropIfEmpty(transaction: Transaction, index: number): Promise<void> {
  const names = partitionedTables.map(([table]) => `${table}_${index}`);
  const { rows: tables } = await transaction.query<{ name: string }>(
    { name: "", text: "select name from unnest($1::text[]) name where to_regclass(name) is not null" },
    [names],
  );
  for (const { name } of tables) {
    const { rows } = await transaction.query<{ filled: boolean }>(
      { name: "", text: `select exists (select 1 from ${name}) as filled` },
      [],
    );
    if (rows[0]?.filled === false) await transaction.query({ name: "", text: `drop table ${name}` }, []);
  }
}
