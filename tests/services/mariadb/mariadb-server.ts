// A MariaDB server of the system's packages on loopback, with a folder of its own. The folder is made once and kept between runs, since
// making it takes several seconds; each server works on a copy.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import mysql from "mysql2/promise";
import { findFreePort, untilListening } from "../loopback-port.ts";

export interface MariaDbServer extends AsyncDisposable {
  /** Address of a database, for a user who may do everything. */
  url(database: string): string;
  /** One statement on a connection of its own. */
  query(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** An empty database that nobody used before. */
  createDatabase(): Promise<string>;
}

const cacheFolder = resolve(import.meta.dirname, "../../../node_modules/.cache/millrace-mariadb");

/** Ready for connections when it resolves. @param settings options of the server, such as `--log-bin` */
export async function startMariaDb(settings: readonly string[] = []): Promise<MariaDbServer> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-mariadb-"));
  const data = join(folder, "data");
  await cp(await ensureTemplate(), data, { recursive: true });
  const port = await findFreePort();
  const server = spawn(
    "mariadbd",
    [
      "--no-defaults",
      `--datadir=${data}`,
      `--user=${userInfo().username}`,
      "--bind-address=127.0.0.1",
      `--port=${port}`,
      `--socket=${join(folder, "s")}`,
      `--pid-file=${join(folder, "pid")}`,
      "--skip-networking=0",
      "--server-id=1",
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-buffer-pool-size=256M",
      ...settings,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  server.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(server, "exit");
  await Promise.race([
    untilListening(port, "mariadbd"),
    ended.then(() => Promise.reject(new Error(`it ended: ${said}`))),
  ]);
  const url = (database: string): string => `mysql://root@127.0.0.1:${port}/${database}`;
  const query = async (sql: string, database = "mysql"): Promise<Record<string, unknown>[]> => {
    const client = await mysql.createConnection({ uri: url(database), dateStrings: true, multipleStatements: true });
    try {
      const [rows] = await client.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      await client.end();
    }
  };
  let count = 0;
  return {
    url,
    query,
    createDatabase: async () => {
      const name = `d${(count += 1)}`;
      await query(`create database ${name} character set utf8mb4`);
      return name;
    },
    [Symbol.asyncDispose]: async () => {
      server.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The folder of a server that has no database yet; it gets its name last, when it is whole. */
async function ensureTemplate(): Promise<string> {
  const path = join(cacheFolder, "template");
  if (existsSync(path)) return path;
  await mkdir(cacheFolder, { recursive: true });
  const draft = await mkdtemp(join(cacheFolder, "draft-"));
  const options = [`--datadir=${draft}`, `--user=${userInfo().username}`, "--auth-root-authentication-method=normal"];
  const made = spawnSync("mariadb-install-db", ["--no-defaults", "--skip-test-db", ...options], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`mariadb-install-db: ${made.stdout}${made.stderr}`);
  await rename(draft, path);
  return path;
}
