// A real server with the interface of S3 on loopback, over a folder. It is built once, below `.cache/services`.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ensureGo } from "./go-toolchain.ts";
import { ensurePython } from "../python-environment.ts";
import { findFreePort, untilListening } from "../loopback-port.ts";

const run = promisify(execFile);
const version = "1.8.0";
export const versitygwKeys = { accessKeyId: "millrace", secretAccessKey: "canary-of-versitygw" } as const;

export interface Versitygw extends AsyncDisposable {
  /** What a connection to its bucket says. */
  readonly connection: { readonly s3: { readonly endpoint: string; readonly bucket: string } & typeof versitygwKeys };
  /** Runs Python with `s3`, a client of boto3, and `bucket`. @returns what it prints */
  boto3(code: string): Promise<string>;
}

/** @param wanted a port that somebody knows already @throws Error saying what could not be got */
export async function startVersitygw(wanted?: number): Promise<Versitygw> {
  const keys = versitygwKeys;
  const program = await ensureProgram();
  const folder = await mkdtemp(join(tmpdir(), "millrace-s3-"));
  const port = wanted ?? (await findFreePort());
  const args = ["--access", keys.accessKeyId, "--secret", keys.secretAccessKey, "--port", `127.0.0.1:${port}`];
  const server = spawn(program, [...args, "posix", folder], { stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  await untilListening(port, "versitygw");
  const endpoint = `http://127.0.0.1:${port}`;
  const boto3 = async (code: string): Promise<string> => {
    const python = await ensurePython(["boto3==1.44.8"]);
    const client = `s3 = boto3.client("s3", endpoint_url="${endpoint}", aws_access_key_id="${keys.accessKeyId}",
  aws_secret_access_key="${keys.secretAccessKey}", region_name="us-east-1")`;
    return (await run(python, ["-c", `import boto3\n${client}\nbucket = "lake"\n${code}`])).stdout;
  };
  await boto3("s3.create_bucket(Bucket=bucket)");
  return {
    connection: { s3: { endpoint, bucket: "lake", ...keys } },
    boto3,
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ensureProgram(): Promise<string> {
  const root = fileURLToPath(new URL("../../../.cache/services/", import.meta.url));
  const path = join(root, `versitygw-${version}`);
  if (existsSync(path)) return path;
  await mkdir(root, { recursive: true });
  const draft = await mkdtemp(join(root, "draft-"));
  try {
    const env = { ...process.env, GOBIN: draft };
    await run(await ensureGo(), ["install", `github.com/versity/versitygw/cmd/versitygw@v${version}`], { env });
    await rename(join(draft, "versitygw"), path);
    return path;
  } catch (cause) {
    throw new Error("this suite needs versitygw, which Go could not build; integrity and signatures were not tried", {
      cause,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
