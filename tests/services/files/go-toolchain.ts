// A Go that builds: that of the machine when it is new enough, or else one that the proxy of Go modules gives, below
// `.cache/services`. Debian's own is too old for most modules.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const version = "1.26.8";
/** Versions from this on fetch the one that a module asks for by themselves. */
const leastMinor = 21;

/** The program `go`. @throws Error saying what could not be got */
export async function ensureGo(): Promise<string> {
  if (await isNewEnough()) return "go";
  const root = fileURLToPath(new URL("../../../.cache/services/", import.meta.url));
  const folder = join(root, `go-${version}`);
  if (!existsSync(folder)) await fetchToolchain(root, folder);
  return join(folder, "bin/go");
}

async function isNewEnough(): Promise<boolean> {
  const { stdout } = await run("go", ["env", "GOVERSION"]).catch(() => ({ stdout: "" }));
  return Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0) >= leastMinor;
}

async function fetchToolchain(root: string, folder: string): Promise<void> {
  const [proxy = ""] = (process.env["GOPROXY"] ?? "https://proxy.golang.org").split(/[,|]/);
  const name = `v0.0.1-go${version}.${platform()}-${arch() === "x64" ? "amd64" : arch()}`;
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, "draft-"));
  try {
    const archive = join(draft, "toolchain.zip");
    // it trusts the authorities of the machine
    const url = `${proxy}/golang.org/toolchain/@v/${name}.zip`;
    await run("curl", ["--silent", "--show-error", "--fail", "--location", "--output", archive, url]);
    await run("python3", ["-m", "zipfile", "-e", archive, draft]);
    const unpacked = join(draft, `golang.org/toolchain@${name}`);
    await run("chmod", ["-R", "+x", join(unpacked, "bin"), join(unpacked, "pkg/tool")]);
    await rename(unpacked, folder);
  } catch (cause) {
    throw new Error("this suite needs Go, which neither the machine nor the proxy of Go modules gave", { cause });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
