// A bucket, an SSH server and a cluster with HDFS of a test file, lent to the data layer as `lake`, `drop` and `cluster`, and empty
// before each test.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import { FileCache } from "../../../src/connections/files/file-cache.ts";
import type { DatasetLocation } from "../../../src/core/dataset/dataset.ts";
import type { Connections } from "../../../src/connections/registry/connections.ts";
import { openConnections } from "./file-services.ts";
import { type Hdfs, startHdfs } from "./hdfs-server.ts";
import { S3Server } from "./s3-server.ts";
import { SftpServer } from "./sftp-server.ts";

export interface LentPlaces {
  readonly lake: S3Server;
  readonly drop: SftpServer;
  readonly cluster: Hdfs;
  /** Removes what is at a location behind one of the connections. */
  remove(location: DatasetLocation): Promise<void>;
}

/** To be called at the top of a test file. */
export function lendPlaces(): LentPlaces {
  let lake: S3Server;
  let drop: SftpServer;
  let cluster: Hdfs;
  let folder: string;
  let connections: Connections;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-drop-"));
    lake = await S3Server.start();
    drop = await SftpServer.start(folder);
    cluster = await startHdfs();
    const declared = { lake: lake.connection, drop: drop.connection, cluster: cluster.connection };
    connections = openConnections(declared);
    const cache = new FileCache({ folder: join(folder, ".cache"), maxBytes: 64_000_000 });
    lendFileServices((name) => connections.files(name), { declared, cache });
  });
  afterEach(async () => {
    await connections[Symbol.asyncDispose]();
    await lake[Symbol.asyncDispose]();
    await drop[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  return {
    get lake() {
      return lake;
    },
    get drop() {
      return drop;
    },
    get cluster() {
      return cluster;
    },
    async remove({ path }) {
      const [, connection, inside = ""] = /^connection:([^/]+)\/(.*)$/.exec(path) ?? [];
      if (connection === "drop") return await rm(join(folder, inside), { recursive: true });
      const files: Map<string, unknown> = connection === "lake" ? lake.objects : cluster.files;
      for (const key of files.keys()) if (key.startsWith(inside)) files.delete(key);
    },
  };
}
