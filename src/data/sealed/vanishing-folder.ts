// Where rows of credentials are on their way, in the clear: in the memory of the machine where the system has a folder for that, and in
// any case gone with the process that works on them, however it ends. A child waits for that, since who is killed cleans up nothing.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { access, constants, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A folder that only its owner reads; disposing of it removes it. */
export interface VanishingFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * @param beside the folder that it lies in where there is none in memory
 * @param announce called with its path before it is there, so that a later process may find what two deaths at once have left
 */
export async function openVanishingFolder(
  beside: string,
  name: string,
  announce: (path: string) => Promise<void>,
): Promise<VanishingFolder> {
  // the folder in memory is everybody's, and a name that nobody can guess is taken by nobody before
  const path = join((await isWritable(memoryFolder)) ? memoryFolder : beside, `${name}.${randomUUID()}`);
  await announce(path);
  const guard = startGuard(path);
  await mkdir(path, { mode: 0o700 });
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
      await endGuard(guard);
    },
  };
}

/** A file system without a disk, on Linux. */
const memoryFolder = "/dev/shm";

async function isWritable(folder: string): Promise<boolean> {
  return await access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Removes the folder when its input ends, which it does with this process. Systems without this shell have no guard. */
function startGuard(path: string): ChildProcess {
  // in a session of its own, so that what is sent to this process and its children does not reach it
  const guard = spawn("/bin/sh", ["-c", 'cat >/dev/null; rm -rf -- "$0"', path], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: {},
  });
  guard.on("error", () => undefined);
  guard.stdin?.on("error", () => undefined);
  guard.unref();
  return guard;
}

async function endGuard(guard: ChildProcess): Promise<void> {
  if (guard.pid === undefined || guard.exitCode !== null) return;
  const ended = once(guard, "exit");
  guard.ref();
  guard.stdin?.end();
  await ended;
}
