// The floor of anything durable on this disk: SQLite commits of one row each, flushed as the store flushes its own.
import { DatabaseSync } from "node:sqlite";

export interface CommitPeer extends Disposable {
  /** Times at which each of `tasks` groups of `commitsEach` commits began. */
  commit(tasks: number, commitsEach: number): number[];
}

/** @param path of a database file that does not exist */
export function openCommitPeer(path: string): CommitPeer {
  const database = new DatabaseSync(path);
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = full; create table done (id integer primary key, at real)",
  );
  const insert = database.prepare("insert into done (at) values (?)");
  return {
    commit(tasks, commitsEach) {
      return Array.from({ length: tasks }, () => {
        const at = performance.now();
        for (let commit = 0; commit < commitsEach; commit += 1) insert.run(at);
        return at;
      });
    },
    [Symbol.dispose]: () => database.close(),
  };
}
