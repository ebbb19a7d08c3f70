// The store's rows written by hand: the same tables, columns and transactions, statements prepared once, and nothing that
// makes a protocol of them (no fences, no checks, no results read back).
import { DatabaseSync } from "node:sqlite";
import { migrations } from "../../src/store/migrations/migrations.ts";

export interface RawStore extends Disposable {
  /** Submits, claims and settles runs `from` to `from + count - 1`, each step one transaction. */
  passThrough(from: number, count: number): void;
}

/** @param path of a database file that does not exist */
export function openRawStore(path: string): RawStore {
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16000");
  for (const { sqlite } of migrations) database.exec(sqlite);
  const write = prepare(database);
  const transact = (work: () => void): void => {
    database.exec("begin immediate");
    work();
    database.exec("commit");
  };
  return {
    passThrough(from, count) {
      const ids = Array.from({ length: count }, (_, index) => from + index);
      transact(() => ids.forEach((id) => write.submit(id, Date.now())));
      transact(() => ids.forEach((id) => write.claim(id, Date.now())));
      transact(() => ids.forEach((id) => write.settle(id, Date.now())));
    },
    [Symbol.dispose]: () => database.close(),
  };
}

interface Writes {
  submit(id: number, at: number): void;
  claim(id: number, at: number): void;
  settle(id: number, at: number): void;
}

function prepare(database: DatabaseSync): Writes {
  const insertRun = database.prepare(
    `insert into run (id, job, kind, root_run_id, params, tenant, created_by, created_at)
    values (?, 'noop', 'job', ?, '{}', 'bench', 'bench', ?)`,
  );
  const insertReady = database.prepare(
    "insert into ready (run_id, lane_id, priority, epoch, attempt, has_children) values (?, 1, 0, 0, 0, 0)",
  );
  const deleteReady = database.prepare("delete from ready where run_id = ?");
  const insertLease = database.prepare(
    `insert into lease (run_id, lane_id, worker_id, started_at, priority, epoch, attempt, has_children)
    values (?, 1, 1, ?, 0, 1, 1, 0)`,
  );
  const deleteLease = database.prepare("delete from lease where run_id = ?");
  const insertAttempt = database.prepare(
    `insert into attempt_log (run_id, epoch, attempt, worker_id, started_at, ended_at, "end")
    values (?, 1, 1, 1, ?, ?, 'finished')`,
  );
  const insertOutcome = database.prepare(
    `insert into outcome (run_id, lane_id, priority, has_children, state, epoch, attempt, result, finished_at)
    values (?, 1, 0, 0, 'FINISHED', 1, 1, 'null', ?)`,
  );
  const insertEvent = database.prepare("insert into event (run_id, seq, type, data, at) values (?, ?, ?, ?, ?)");
  return {
    submit(id, at) {
      insertRun.run(id, id, at);
      insertReady.run(id);
      insertEvent.run(id, 1, "submitted", '{"createdBy":"bench"}', at);
    },
    claim(id, at) {
      deleteReady.run(id);
      insertLease.run(id, at);
      insertEvent.run(id, 2, "started", '{"worker":"bench","attempt":1,"epoch":1}', at);
    },
    settle(id, at) {
      deleteLease.run(id);
      insertAttempt.run(id, at, at);
      insertOutcome.run(id, at);
      insertEvent.run(id, 3, "finished", '{"attempt":1}', at);
    },
  };
}
