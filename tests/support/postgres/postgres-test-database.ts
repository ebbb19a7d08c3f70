// Fresh databases for tests, copied from one that was migrated once: file by file, which spares the server the log of a copy.
import { createHash } from "node:crypto";
import pg from "pg";
import { migrations } from "../../../src/store/migrations/migrations.ts";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { sharedPostgresUrl } from "./postgres-shared-server.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly name: string;
  /** One statement on a connection of its own. */
  query(sql: string, ...params: unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Makes it as it was after the migration; several times as fast as another database. */
  empty(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** False gives a database without any tables. Default true. */
  readonly migrated?: boolean;
}

let created = 0;

/** Made from the template; dropped, with whoever is connected to it, when disposed. */
export async function createTestDatabase({ migrated = true }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await sharedPostgresUrl();
  created += 1;
  const name = `millrace_test_${process.pid}_${created}`;
  const template = migrated ? await ensureTemplate(server) : "template0";
  await onServer(server, `create database ${name} template ${template} strategy file_copy`);
  const url = withDatabase(server, name);
  return {
    url,
    name,
    query: async (sql, ...params) => await onServer(url, sql, params),
    empty: async () => void (await onServer(url, emptyAll)),
    [Symbol.asyncDispose]: async () => {
      await onServer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

// Only what holds rows is truncated, which costs a file for the table and one for each index, and sequences are set, as one that is
// restarted costs a file, too. What has no page is not looked at. Ends sessions that a failed test left open, as they may hold locks.
const emptyAll = `do $$
declare item record; filled boolean;
begin
  perform pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
  for item in select relname from pg_class where relnamespace = 'millrace'::regnamespace and relkind in ('r', 'p')
    and not relispartition and relname not in ('migration', 'engine') and (relkind = 'p' or pg_relation_size(oid) > 0) loop
    execute format('select exists (select from millrace.%I)', item.relname) into filled;
    if filled then execute format('truncate millrace.%I', item.relname); end if;
  end loop;
  perform setval(format('millrace.%I', sequencename)::regclass, start_value, false)
    from pg_sequences where schemaname = 'millrace' and last_value is not null;
  update millrace.engine set claiming = 1, changed_by = 'millrace', reason = null, at = 0;
end $$`;

// Named after the tables in it, so that an outdated one on a server that stays is not used.
const templateName = `millrace_template_${createHash("sha256")
  .update(JSON.stringify(migrations))
  .digest("hex")
  .slice(0, 12)}`;

let template: Promise<string> | undefined;

async function ensureTemplate(server: string): Promise<string> {
  template ??= makeTemplate(server);
  return await template;
}

// It gets its name last, when it is whole and nobody is connected to it any more.
async function makeTemplate(server: string): Promise<string> {
  if ((await onServer(server, "select 1 from pg_database where datname = $1", [templateName])).length > 0) {
    return templateName;
  }
  const draft = `${templateName}_${process.pid}`;
  await onServer(server, `create database ${draft}`);
  await (await createPostgresStore({ url: withDatabase(server, draft) }))[Symbol.asyncDispose]();
  try {
    await onServer(server, `alter database ${draft} rename to ${templateName}`);
  } catch (error) {
    // Another test file was faster: the name was taken before (42P04), or at the same moment (23505).
    await onServer(server, `drop database ${draft} with (force)`);
    if (!(error instanceof pg.DatabaseError && ["42P04", "23505"].includes(String(error.code)))) throw error;
  }
  return templateName;
}

async function onServer(
  url: string,
  sql: string,
  params: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, application_name: "millrace-tests" });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [...params])).rows;
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}
