// Params that are too long for a command line, from a file, a bucket or an address. What was checked by its sum is what is read.
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../../core/errors/errors.ts";
import { resolveInProject } from "../../project/project.ts";
import type { Json } from "../../store/rows/run-records.ts";
import type { FetchConfigOptions } from "./fetch-exec-config.ts";
import { parseJson } from "./parse-params.ts";

export interface ReadExecConfigOptions {
  /** The project's folder; a relative path starts there and may not leave it. */
  readonly root: string;
  /** A path, or a URL: `file:`, `s3:`, `s3a:` or `https:`. */
  readonly uri: string;
  /** Hexadecimal SHA-256 of the file; without it the file is taken as it is. */
  readonly sha256: string | undefined;
  /** Those that the configuration declares. Default: none. */
  readonly connections?: FetchConfigOptions["connections"];
  /** Of the project's own. Default: `.millrace`. */
  readonly home?: string;
}

const maxBytes = 10 * 1_048_576;

/** @throws MillraceError `USAGE_INVALID` | `MODULE_OUTSIDE_PROJECT` | `CONNECTION_UNKNOWN`, and what a service refuses */
export async function readExecConfig(options: ReadExecConfigOptions): Promise<Readonly<Record<string, Json>>> {
  const { uri, sha256 } = options;
  const bytes = await readBytes(options);
  if (sha256 !== undefined) assertChecksum(bytes, uri, sha256);
  const value = parseObject(bytes, uri);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, Json>>;
  }
  throw new MillraceError("USAGE_INVALID", `expected \`${uri}\` to hold a JSON object of params`);
}

async function readBytes(options: ReadExecConfigOptions): Promise<Buffer> {
  const { root, uri, connections = {}, home = resolve(root, ".millrace") } = options;
  const scheme = /^([a-z][a-z\d+.-]+):/i.exec(uri)?.[1]?.toLowerCase();
  const read = async (path: string): Promise<Buffer> => await readLimited(path, uri);
  if (scheme === undefined) return await read(isAbsolute(uri) ? uri : resolveInProject(root, uri));
  if (scheme === "file") return await read(toPath(uri));
  const fetching = { uri, maxBytes, connections, folder: home, read };
  const { fetchAddress, fetchObject } = await import("./fetch-exec-config.ts");
  if (scheme === "s3" || scheme === "s3a") return await fetchObject(fetching);
  if (scheme === "https" || scheme === "http") return await fetchAddress(fetching);
  const expected = "a path, or an address with `file:`, `s3:`, `s3a:` or `https:`";
  throw new MillraceError("USAGE_INVALID", `expected \`--config_uri\` to be ${expected}, got: \`${uri}\``, {
    hint: "fetch the file first and name its path",
  });
}

function toPath(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new MillraceError("USAGE_INVALID", `expected a \`file:///path\` of this machine, got: \`${uri}\``, { cause });
  }
}

// Reads at most one byte more than allowed, whatever the file claims its size is.
async function readLimited(path: string, uri: string): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    if (!(await file.stat()).isFile()) throw new MillraceError("USAGE_INVALID", `\`${uri}\` is not a file`);
    const chunks: Buffer[] = [];
    for await (const chunk of file.createReadStream({ end: maxBytes, autoClose: false })) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (bytes.length <= maxBytes) return bytes;
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw new MillraceError("USAGE_INVALID", `cannot read \`${uri}\`: ${describe(cause)}`, { cause });
  } finally {
    await file?.close();
  }
  throw new MillraceError("USAGE_INVALID", `expected \`${uri}\` to have at most 10 MiB`);
}

function assertChecksum(bytes: Buffer, uri: string, sha256: string): void {
  if (!/^[\da-f]{64}$/i.test(sha256)) {
    throw new MillraceError("USAGE_INVALID", `expected \`--config_sha256\` to be 64 hex digits, got: \`${sha256}\``);
  }
  if (createHash("sha256").update(bytes).digest("hex") === sha256.toLowerCase()) return;
  // The file may be any of this machine: what it holds is not told, not even by its checksum.
  throw new MillraceError(
    "USAGE_INVALID",
    `expected \`${uri}\` to match \`--config_sha256\`, which is: \`${sha256}\``,
    {
      hint: "the file changed after the command was written; restore it, or write the checksum that `sha256sum` gives",
    },
  );
}

function parseObject(bytes: Buffer, uri: string): Json {
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    // V8 quotes what it could not read; params may be secret, so only the place is told.
    const place = cause instanceof Error ? /\(line (\d+) column (\d+)\)/.exec(cause.message) : null;
    const where = place === null ? "" : `:${place[1]}:${place[2]}`;
    throw new MillraceError("USAGE_INVALID", `${uri}${where}: expected JSON`);
  }
}

function describe(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "ENOENT" ? "no such file" : String(code ?? cause);
}
