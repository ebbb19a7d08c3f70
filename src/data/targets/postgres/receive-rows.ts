// Rows of another Postgres, copied into the table in the transaction that publishes them: until it commits nobody else sees them, and
// a connection that ends before takes them back.
import { createHash } from "node:crypto";
import { pipeline, Transform } from "node:stream";
import { type PostgresSession, withPostgres } from "../../../connections/postgres/postgres-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { PassingRows } from "../../passing-rows.ts";
import { copyFormat } from "../../postgres/copy-format.ts";
import { listNames } from "../../postgres/postgres-column.ts";
import { isPublicationDone } from "../../publication-order.ts";
import type { ReceivedRows, Receiver, Reception, TargetInput, TargetResult } from "../../target.ts";
import { beginPublication, type PostgresTable, qualify, readMemory, toLocation } from "./postgres-table.ts";
import { prepareRows, remember } from "./postgres-write.ts";

/** @param database as definitions name it */
export function createPostgresReceiver(database: string, place: PostgresTable): Receiver {
  return {
    format: copyFormat,
    receive: async <T>({ rows, writer, signal }: Reception, work: (received: ReceivedRows) => Promise<T>) =>
      await withPostgres(database, { signal }, async (session) => {
        await beginPublication(session, place);
        const memory = await readMemory(session, place, writer);
        if (isPublicationDone("replace", { ...writer, fingerprint: "" }, memory)) return undefined;
        const { columns } = rows;
        await prepareRows(session, place, {
          mode: "replace",
          rows: { sql: "", columns },
          added: [],
          contract: "evolve",
        });
        const received = await copyRows(session, place, rows);
        return await work({
          ...received,
          relation: qualify(place),
          ask: async (sql) => (await session.query(sql))[0] ?? [],
          publish: async (input) => await publish(session, { database, place, rowCount: received.rowCount }, input),
        });
      }),
  };
}

async function copyRows(
  session: PostgresSession,
  place: PostgresTable,
  rows: PassingRows,
): Promise<Pick<ReceivedRows, "rowCount" | "bytes" | "digest">> {
  const hash = createHash("sha256");
  let bytes = 0;
  const measure = new Transform({
    transform(frames: Buffer, _, done) {
      hash.update(frames);
      bytes += frames.length;
      done(null, frames);
    },
  });
  const sent = rows.open();
  // what goes wrong on either side is thrown by what waits for the copy
  pipeline(sent, measure, () => undefined);
  const rowCount = await session.framesIn(`COPY ${qualify(place)} (${listNames(rows.columns)}) FROM STDIN`, measure);
  if (rowCount === sent.rowCount) return { rowCount, bytes, digest: hash.digest("hex") };
  const table = qualify(place);
  throw new MillraceError(
    "TARGET_UNSUPPORTED",
    `table ${table} has taken \`${rowCount}\` of \`${sent.rowCount}\` rows`,
    {
      hint: "a trigger of the table keeps rows out; publish to a table without one, and let it be read from there",
    },
  );
}

interface ReceivedTable {
  readonly database: string;
  readonly place: PostgresTable;
  readonly rowCount: number;
}

async function publish(
  session: PostgresSession,
  { database, place, rowCount }: ReceivedTable,
  input: TargetInput,
): Promise<TargetResult> {
  await remember(session, place, input);
  await input.failpoint("postgres:written");
  await input.assertHeld();
  await session.execute("COMMIT");
  await input.failpoint("postgres:committed");
  return { location: toLocation(database, place), changed: true, rowCount, warnings: [] };
}
