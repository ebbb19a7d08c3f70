// Fetches a configuration that lies elsewhere: an object of a bucket through its connection, or an address without credentials.
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { findFileService } from "../../connections/files/find-file-service.ts";
import { createHttpAgent } from "../../connections/http/http-agent.ts";
import { sendRequest } from "../../connections/http/send-request.ts";
import { toStatusError } from "../../connections/http/status-error.ts";
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";

export interface FetchConfigOptions {
  readonly uri: string;
  readonly maxBytes: number;
  /** Those that the configuration declares; one to the bucket is asked for an object. */
  readonly connections: Readonly<Record<string, ConnectionOptions>>;
  /** Where an object lies while it is read. */
  readonly folder: string;
  /** Reads a file that was fetched. */
  readonly read: (path: string) => Promise<Buffer>;
}

const timeouts = { headersMs: 30_000, idleMs: 30_000, totalMs: 120_000 };

/** `s3://bucket/key`, `s3a://bucket/key`. @throws MillraceError `USAGE_INVALID`, `CONNECTION_UNKNOWN`, and what the service refuses */
export async function fetchObject(options: FetchConfigOptions): Promise<Buffer> {
  const { uri, maxBytes, folder, read } = options;
  const [, bucket = "", key = ""] = /^s3a?:\/\/([^/]+)\/(.+)$/i.exec(uri) ?? [];
  if (key === "") throw new MillraceError("USAGE_INVALID", `expected \`s3://bucket/key\`, got: \`${uri}\``);
  const service = await findFileService(findConnection(options, bucket));
  const found = await service.find(key, {});
  if (found === undefined) throw new MillraceError("USAGE_INVALID", `cannot read \`${uri}\`: no such object`);
  if (found.size > maxBytes) throw new MillraceError("USAGE_INVALID", `expected \`${uri}\` to have at most 10 MiB`);
  const path = join(folder, `exec-${randomUUID()}.json`);
  await mkdir(folder, { recursive: true });
  try {
    await service.download(found, path, {});
    return await read(path);
  } finally {
    await rm(path, { force: true });
  }
}

/** @throws MillraceError `USAGE_INVALID`, and what the exchange fails with */
export async function fetchAddress({ uri, maxBytes }: FetchConfigOptions): Promise<Buffer> {
  const url = URL.parse(uri);
  if (url === null || (url.protocol !== "https:" && !loopback.has(url.hostname))) {
    throw new MillraceError("USAGE_INVALID", "expected `--config_uri` to begin with `https://`, got: `http://`", {
      hint: "whoever can change what comes over http decides what the job does",
    });
  }
  await using agent = createHttpAgent();
  const response = await sendRequest({ method: "GET", url: url.href, timeouts, limits: { maxBytes } }, { agent });
  if (response.status === 200) return await buffer(response.body);
  response.body.destroy();
  throw toStatusError("GET", response, Date.now());
}

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

function findConnection({ connections }: FetchConfigOptions, bucket: string): string {
  const found = Object.entries(connections).find(([, { s3 }]) => s3?.bucket === bucket);
  if (found !== undefined) return found[0];
  throw new MillraceError("CONNECTION_UNKNOWN", `no connection is declared to bucket \`${bucket}\``, {
    hint: `declare it under \`connections\` of the configuration: \`{ s3: { bucket: "${bucket}" } }\``,
  });
}
