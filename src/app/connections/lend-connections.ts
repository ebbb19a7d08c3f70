// Lends the connections of a process to the code that finds databases and places of files by the name of a connection.
import { lendCatalog } from "../../connections/catalog/find-catalog.ts";
import { lendDatabases } from "../../connections/database/find-database.ts";
import { lendFileServices } from "../../connections/files/find-file-service.ts";
import type { ConnectionStore } from "../../store/connections/connection-store.ts";
import { LazyConnections } from "./lazy-connections.ts";
import type { OpenConnectionsOptions } from "./open-connections.ts";

/** Connections for what a process does beside its runs, lent from now on. */
export function createLentConnections(
  options: Omit<OpenConnectionsOptions, "store" | "onSecret">,
  store: ConnectionStore,
): LazyConnections {
  const connections = new LazyConnections({ ...options, onSecret: () => undefined });
  lendConnections(connections, store);
  return connections;
}

/** @param store where connections are registered @returns what takes the places of files back */
export function lendConnections(connections: LazyConnections, store: ConnectionStore): () => void {
  const catalog = connections.catalog(store);
  lendCatalog(catalog);
  lendDatabases((name) => connections.database(name, store));
  return lendFileServices((name) => connections.files(name, store), connections.lent());
}
