// The connections of a process, whose code is loaded when the first request is sent: most runs send none.
import { join } from "node:path";
import type { DatabaseAddress } from "../../connections/database/database-address.ts";
import { FileCache } from "../../connections/files/file-cache.ts";
import type { FileService } from "../../connections/files/file-service.ts";
import type { LentFiles } from "../../connections/files/find-file-service.ts";
import type { TableCatalog } from "../../connections/catalog/table-catalog.ts";
import type { HttpConnection, SendCall } from "../../connections/http-connection.ts";
import type { Connections } from "../../connections/registry/connections.ts";
import type { ServiceConnection } from "../../core/connection/service-connection.ts";
import { parseSize } from "../../core/size.ts";
import type { ConnectionStore } from "../../store/connections/connection-store.ts";
import type { OpenConnectionsOptions } from "./open-connections.ts";

/** Closing it closes what was opened. */
export class LazyConnections implements AsyncDisposable {
  readonly #options: Omit<OpenConnectionsOptions, "store">;
  #opened: Promise<Connections> | undefined;

  constructor(options: Omit<OpenConnectionsOptions, "store">) {
    this.#options = options;
  }

  /** For code that reads answers in its own way. @throws MillraceError as `Connections.get` */
  async open(name: string, store: ConnectionStore): Promise<HttpConnection> {
    return await (await this.#load(store)).get(name);
  }

  /** A place of files. @throws MillraceError as `Connections.files` */
  async files(name: string, store: ConnectionStore): Promise<FileService> {
    return await (await this.#load(store)).files(name);
  }

  /** Where a database is. @throws MillraceError as `Connections.database` */
  async database(name: string, store: ConnectionStore): Promise<DatabaseAddress> {
    return await (await this.#load(store)).database(name);
  }

  /** What those who look for places of files know beside. */
  lent(): LentFiles {
    const { root, settings } = this.#options.project;
    const maxBytes = parseSize(settings.lakeCache);
    const cache = new FileCache({ folder: join(root, ".millrace/cache/lake"), maxBytes });
    return { declared: settings.connections, cache };
  }

  /** Gives the catalog of the project, whose code is loaded when a table is named by it; `undefined` where there is none. */
  catalog(store: ConnectionStore): (() => Promise<TableCatalog>) | undefined {
    const { root, settings } = this.#options.project;
    const { catalog } = settings;
    if (catalog === undefined) return undefined;
    let opened: Promise<TableCatalog> | undefined;
    return async () =>
      await (opened ??= import("./open-catalog.ts").then(({ openCatalog }) =>
        openCatalog(catalog, root, (name) => this.open(name, store)),
      ));
  }

  async #load(store: ConnectionStore): Promise<Connections> {
    this.#opened ??= import("./open-connections.ts").then(({ openConnections }) =>
      openConnections({ ...this.#options, store }),
    );
    return await this.#opened;
  }

  /** That nobody declared the name is told by the first request. */
  get(name: string, store: ConnectionStore, call: SendCall): ServiceConnection {
    return {
      name,
      send: async (request) => {
        const { toServiceConnection } = await import("../../connections/to-service-connection.ts");
        const connection = await this.open(name, store);
        return await toServiceConnection(connection, () => this.#options.clock.now(), call).send(request);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#opened)?.[Symbol.asyncDispose]();
  }
}
