// A PgBouncer of the system's packages in front of the tests' Postgres server, as its documentation sets it up: no option
// beyond those that it cannot do without.
import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, untilListening } from "../loopback-port.ts";

export interface PgBouncer extends AsyncDisposable {
  /** The same database as before, through the pooler. */
  readonly url: string;
}

/** Ready for connections when it resolves. */
export async function startPgBouncer(databaseUrl: string, poolMode: "session" | "transaction"): Promise<PgBouncer> {
  const server = new URL(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), "millrace-pgbouncer-"));
  const port = await findFreePort();
  const name = server.pathname.slice(1);
  const users = join(folder, "users.txt");
  await writeFile(users, `"${server.username}" ""\n`);
  const config = join(folder, "pgbouncer.ini");
  await writeFile(
    config,
    `[databases]
${name} = host=${server.hostname} port=${server.port} dbname=${name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = ${poolMode}
`,
  );
  await chmod(folder, 0o755);
  // It refuses to run as root.
  const account = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const pooler = spawn("pgbouncer", [...account, config], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [pooler.stdout, pooler.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(pooler, "exit");
  await Promise.race([
    untilListening(port, "pgbouncer"),
    ended.then(() => Promise.reject(new Error(`it ended: ${said}`))),
  ]);
  server.port = String(port);
  return {
    url: server.href,
    [Symbol.asyncDispose]: async () => {
      pooler.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
