// A bucket and an SSH server of a test file, lent to the data layer as `lake` and `drop`, and empty before each test.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import type { DatasetLocation } from "../../../src/core/dataset/dataset.ts";
import type { Connections } from "../../../src/connections/registry/connections.ts";
import { openConnections } from "./file-services.ts";
import { S3Server } from "./s3-server.ts";
import { SftpServer } from "./sftp-server.ts";

export interface LentPlaces {
  readonly lake: S3Server;
  readonly drop: SftpServer;
  /** Removes what is at a location behind one of the connections. */
  remove(location: DatasetLocation): Promise<void>;
}

/** To be called at the top of a test file. */
export function lendPlaces(): LentPlaces {
  let lake: S3Server;
  let drop: SftpServer;
  let folder: string;
  let connections: Connections;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-drop-"));
    lake = await S3Server.start();
    drop = await SftpServer.start(folder);
    connections = openConnections({ lake: lake.connection, drop: drop.connection });
    lendFileServices((name) => connections.files(name));
  });
  afterEach(async () => {
    await connections[Symbol.asyncDispose]();
    await lake[Symbol.asyncDispose]();
    await drop[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  return {
    get lake() {
      return lake;
    },
    get drop() {
      return drop;
    },
    async remove({ path }) {
      if (!path.startsWith("connection:lake/")) {
        return await rm(join(folder, path.replace("connection:drop/", "")), { recursive: true });
      }
      const prefix = path.slice("connection:lake/".length);
      for (const key of lake.objects.keys()) if (key.startsWith(prefix)) lake.objects.delete(key);
    },
  };
}
