// What a database remembers of the publications of its tables. Where a table takes the place of another one, which the server cannot do
// within a transaction, the memory is written before and counts from the moment at which the new table has lost its first name.
import type { MysqlSession } from "../../../connections/mysql/mysql-session.ts";
import { quoteName, quoteText } from "../../mysql/mysql-text.ts";
import type { PublicationMemory } from "../../publication-order.ts";
import type { Writer } from "../../target.ts";
import { publicationTable, rememberStatements, selectMemory, toMemory } from "../publication-table.ts";
import { dropTables, isThere, newTableOf, oldTableOf } from "./mysql-place.ts";

const memory = quoteName(publicationTable);

/** What the database remembers of a dataset; nothing for one that nobody has published to. */
export async function readMemory(
  session: MysqlSession,
  writer: Pick<Writer, "runKey" | "dataset">,
): Promise<PublicationMemory> {
  if (!(await isThere(session, publicationTable))) return { hasOwn: false };
  const counting = `(SELECT * FROM ${memory} WHERE fresh IS NULL OR fresh NOT IN
    (SELECT table_name FROM information_schema.tables WHERE table_schema = database())) AS m`;
  const [row] = await session.query(selectMemory(counting, writer, "position"));
  return toMemory({ has_own: row?.[0] === "1", run_id: row?.[1], fingerprint: row?.[2] });
}

/** Makes the table of the memory, and clears what an interrupted publication of a table has left. */
export async function prepareMemory(session: MysqlSession, table: string): Promise<void> {
  await session.execute(`CREATE TABLE IF NOT EXISTS ${memory} (position bigint AUTO_INCREMENT PRIMARY KEY,
    run_id varchar(190) NOT NULL, dataset varchar(190) NOT NULL, fingerprint varchar(190) NOT NULL, fresh varchar(64) NULL,
    KEY dataset (dataset)) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  const fresh = newTableOf(table);
  const mine = `fresh = ${quoteText(fresh)}`;
  // as long as the new table has its first name, it has not taken the other one's place
  await session.execute(
    (await isThere(session, fresh))
      ? `DELETE FROM ${memory} WHERE ${mine}`
      : `UPDATE ${memory} SET fresh = NULL WHERE ${mine}`,
  );
  await dropTables(session, fresh, oldTableOf(table));
}

/** Within the transaction that changes the rows. */
export async function remember(session: MysqlSession, writer: Writer): Promise<void> {
  for (const statement of rememberStatements(memory, writer)) await session.execute(statement);
}

/** Counts from the moment on at which the new table of `table` is renamed. */
export async function rememberAhead(session: MysqlSession, writer: Writer, table: string): Promise<void> {
  const [run, dataset] = [quoteText(writer.runKey), quoteText(writer.dataset)];
  await session.execute(`INSERT INTO ${memory} (run_id, dataset, fingerprint, fresh)
    VALUES (${run}, ${dataset}, ${quoteText(writer.fingerprint)}, ${quoteText(newTableOf(table))})`);
}

/** @param datasets whose publications are forgotten */
export async function forget(session: MysqlSession, datasets: readonly string[]): Promise<void> {
  if (datasets.length === 0 || !(await isThere(session, publicationTable))) return;
  await session.execute(`DELETE FROM ${memory} WHERE dataset IN (${datasets.map(quoteText).join(", ")})`);
}
