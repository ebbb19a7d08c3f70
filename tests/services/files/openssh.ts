// A real OpenSSH server on loopback, with keys and configuration of its own, as a user without rights. Its programs are those of the
// machine, or of Debian's packages, unpacked once below `.cache/services`.
import { execFile, spawn } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findFreePort, untilListening } from "../loopback-port.ts";

const run = promisify(execFile);
const nobody = 65_534;

export interface OpenSsh extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  /** What `ssh-keyscan` would print. */
  readonly hostKey: string;
  readonly privateKey: string;
  /** A folder that the user may write, as an absolute path on both sides. */
  readonly folder: string;
  /** Gives commands to the program `sftp`. @returns what it prints */
  sftp(...commands: readonly string[]): Promise<string>;
}

/** @throws Error saying what could not be got */
export async function startOpenSsh(): Promise<OpenSsh> {
  const programs = await findPrograms();
  const base = await mkdtemp(join(tmpdir(), "millrace-sshd-"));
  const folder = join(base, "files");
  await chmod(base, 0o755);
  await mkdir(folder);
  for (const name of ["host", "client"])
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(base, name)]);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const path of [folder, join(base, "host")]) await chown(path, nobody, nobody);
  const port = await findFreePort();
  await writeFile(join(base, "config"), configOf(base, port));
  const options = isRoot ? { uid: nobody, gid: nobody } : {};
  const env = { ...process.env, ...(programs.libraries === undefined ? {} : { LD_LIBRARY_PATH: programs.libraries }) };
  const server = spawn(programs.sshd, ["-D", "-e", "-f", join(base, "config")], { ...options, env, stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  await untilListening(port, "sshd");
  const user = isRoot ? "nobody" : (process.env["USER"] ?? "");
  return {
    port,
    user,
    folder,
    hostKey: await readFile(join(base, "host.pub"), "utf8"),
    privateKey: await readFile(join(base, "client"), "utf8"),
    async sftp(...commands) {
      const batch = join(base, "batch");
      await writeFile(batch, `${commands.join("\n")}\n`);
      const checks = ["-o", "StrictHostKeyChecking=no", "-o", `UserKnownHostsFile=${join(base, "known")}`];
      const target = [`-P${port}`, `${user}@127.0.0.1`];
      return (await run("sftp", ["-q", "-b", batch, "-i", join(base, "client"), ...checks, ...target])).stdout;
    },
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
      await rm(base, { recursive: true, force: true });
    },
  };
}

function configOf(base: string, port: number): string {
  return [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    `HostKey ${join(base, "host")}`,
    `AuthorizedKeysFile ${join(base, "client.pub")}`,
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    // accounts without a password count as locked otherwise
    "UsePAM yes",
    "StrictModes no",
    "PidFile none",
    "Subsystem sftp internal-sftp",
    "",
  ].join("\n");
}

interface Programs {
  readonly sshd: string;
  /** Where libraries are that the machine may lack. */
  readonly libraries?: string;
}

async function findPrograms(): Promise<Programs> {
  if (existsSync("/usr/sbin/sshd")) return { sshd: "/usr/sbin/sshd" };
  const root = fileURLToPath(new URL("../../../.cache/services/", import.meta.url));
  const folder = join(root, "openssh-debian");
  if (!existsSync(folder)) await unpackPackages(root, folder);
  const libraries = join(folder, "usr/lib/x86_64-linux-gnu");
  return { sshd: join(folder, "usr/sbin/sshd"), libraries };
}

// It gets its name when it is whole, so half of one is never used.
async function unpackPackages(root: string, folder: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, "draft-"));
  await chmod(draft, 0o755);
  try {
    await run("apt-get", ["download", "openssh-server", "libwrap0"], { cwd: draft });
    const { stdout } = await run("find", [draft, "-name", "*.deb"]);
    for (const file of stdout.trim().split("\n")) await run("dpkg", ["-x", file, draft]);
    await rename(draft, folder);
  } catch (cause) {
    throw new Error("this suite needs OpenSSH's server, which could not be got: apt-get install openssh-server", {
      cause,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
