// A real Postgres server from npm, for tests, chaos and measures: a fresh data folder under the system's temporary
// folder, a free port of the loopback interface, stopped and removed at the end.
import { execFile, spawn } from "node:child_process";
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";

export interface PostgresServerOptions {
  /**
   * True flushes as a production server does. False leaves flushing to the system, several times as fast: what was committed
   * then survives the kill of any process, but not the loss of power.
   */
  readonly durable: boolean;
  /** Parent of the data folder. Default: a new one in the system's temporary folder. */
  readonly folder?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  readonly dataFolder: string;
  /** Connects as the superuser, without a password. The role `guarded`, once made, needs its password. */
  url(database: string): string;
  /** `immediate` ends it as a crash would: it recovers at the next start. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
}

const run = promisify(execFile);

/** Starts in one to three seconds. Postgres refuses to run as root; then it runs as `nobody`. */
export async function startPostgresServer(options: PostgresServerOptions): Promise<PostgresServer> {
  const user = process.getuid?.() === 0 ? await findNobody() : undefined;
  const binaries = await findPostgresBinaries(user);
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "millrace-postgres-")));
  const dataFolder = join(folder, "data");
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  if (user !== undefined) {
    await chmod(folder, 0o755);
    await chown(dataFolder, user.uid, user.gid);
  }
  const port = await findFreePort();
  await initialise(binaries, dataFolder, { port, user, ...options });
  const control = async (...args: string[]): Promise<void> => {
    // Started without pipes, which the server would inherit and hold open.
    await runQuietly(binaries.pgCtl, ["-D", dataFolder, "-w", "-t", "60", ...args], user);
  };
  const start = async (): Promise<void> => {
    await control("-l", join(dataFolder, "server.log"), "start").catch(async (error: unknown) => {
      throw new Error(await readFile(join(dataFolder, "server.log"), "utf8"), { cause: error });
    });
  };
  await start();
  const stop = async (mode: "fast" | "immediate"): Promise<void> => await control("-m", mode, "stop");
  return {
    port,
    dataFolder,
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    stop,
    start,
    [Symbol.asyncDispose]: async () => {
      await removeServer(folder);
      if (binaries.copiedTo !== undefined) await rm(dirname(binaries.copiedTo), { recursive: true, force: true });
    },
  };
}

/** Stops the server whose data lie in that folder, by the process id that it left there, and removes the folder. */
export async function removeServer(folder: string): Promise<void> {
  const pid = await readServerPid(folder);
  if (pid !== undefined) await endServer(pid);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function readServerPid(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, "data", "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(text.split("\n")[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

// SIGINT is a fast shutdown: it ends sessions instead of waiting for them.
async function endServer(pid: number): Promise<void> {
  const deadlineAt = performance.now() + 20_000;
  for (let signal: NodeJS.Signals | 0 = "SIGINT"; ; signal = 0) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (performance.now() > deadlineAt) {
      process.kill(pid, "SIGQUIT");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

async function findNobody(): Promise<User> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n");
  const [, , uid, gid] = lines.find((line) => line.startsWith("nobody:"))?.split(":") ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

async function initialise(
  { initdb }: PostgresBinaries,
  dataFolder: string,
  { port, user, durable, settings = {} }: PostgresServerOptions & { port: number; user: User | undefined },
): Promise<void> {
  const args = ["-D", dataFolder, "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync"];
  await run(initdb, args, { cwd: dataFolder, ...user });
  const flush = durable ? "on" : "off";
  const all: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "128MB",
    fsync: flush,
    full_page_writes: flush,
    max_wal_size: "2GB",
    log_min_messages: "warning",
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'`);
  await appendFile(join(dataFolder, "postgresql.conf"), `\n${lines.join("\n")}\n`);
  const access = ["host all guarded 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 trust"];
  const path = join(dataFolder, "pg_hba.conf");
  const before = await readFile(path, "utf8");
  await writeFile(path, `${access.join("\n")}\n${before}`);
}

async function runQuietly(file: string, args: readonly string[], user: User | undefined): Promise<void> {
  const child = spawn(file, args, { stdio: "ignore", cwd: tmpdir(), ...user });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`${file} ${args.at(-1)} ended with ${code}`);
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
