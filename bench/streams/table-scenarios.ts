// Tables by hand that are as large as what joins and stores keep.
import { join } from "node:path";
import type { FlowInput } from "./flow-scenarios.ts";
import { eventText } from "./keyed-events.ts";
import { openDurable } from "./raw-log.ts";
import type { StreamSide } from "./stream-side.ts";

/** A row a key, looked for and written as a join does, 1,000 in a transaction. */
export async function joinRowsByHand({ address, count }: FlowInput): Promise<StreamSide> {
  using database = openDurable(address);
  database.exec("create table held (key text primary key, value text not null) without rowid");
  const find = database.prepare("select value from held where key = ?");
  const put = database.prepare("insert into held (key, value) values (?, ?)");
  const startedAtMs = performance.now();
  for (let from = 0; from < count; from += 1_000) {
    database.exec("begin immediate");
    for (let index = from; index < Math.min(count, from + 1_000); index += 1) {
      // the order of a join's keys has nothing to do with that of their coming
      const key = `w${(index * 7_919) % 9_999_991}`;
      if (find.get(key) === undefined) put.run(key, eventText(index));
    }
    database.exec("commit");
  }
  const ms = performance.now() - startedAtMs;
  return { ms, records: Number(database.prepare("select count(*) as n from held").get()?.["n"]) };
}

/** A file of that many keys copied by SQLite. */
export async function copyRowsByHand({ address, folder, count }: FlowInput): Promise<StreamSide> {
  using database = openDurable(address);
  database.exec("create table entry (key text primary key, value text not null) without rowid; begin");
  const put = database.prepare("insert into entry (key, value) values (?, ?)");
  for (let index = 0; index < count; index += 1) put.run(`w${index}`, String(index));
  database.exec("commit");
  const startedAtMs = performance.now();
  database.prepare("vacuum into ?").run(join(folder, "copy.db"));
  const ms = performance.now() - startedAtMs;
  return { ms, records: Number(database.prepare("select count(*) as n from entry").get()?.["n"]) };
}
