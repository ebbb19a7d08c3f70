// Unity Catalog by its open REST API, which the open server and Databricks have in common.
// @see https://github.com/unitycatalog/unitycatalog/blob/main/api/all.yaml
import { text } from "node:stream/consumers";
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { retryTransient } from "../files/retry-transient.ts";
import type { HttpConnection } from "../http-connection.ts";
import { toStatusError } from "../http/status-error.ts";
import { otherLocation, parseCatalogName, unknownParent } from "./catalog-name.ts";
import type { CatalogEntry, CatalogGrant, NewCatalogTable, TableCatalog } from "./table-catalog.ts";
import { toUnityColumn } from "./unity-columns.ts";

/** @param connect gives the connection to the server, whose address has no path */
export function createUnityCatalog(connect: () => Promise<HttpConnection>): TableCatalog {
  const client = new UnityClient(connect);
  return {
    find: (name) => findTable(client, name),
    async describe(name) {
      const entry = await findTable(client, name);
      return entry === undefined ? undefined : { ...entry, grants: await listGrants(client, name), upstream: [] };
    },
    create: (table) => createTable(client, table),
  };
}

const tableSchema = z.object({
  storage_location: z.string(),
  table_type: z.string(),
  data_source_format: z.string().nullish(),
  owner: z.string().nullish(),
  comment: z.string().nullish(),
  properties: z.record(z.string(), z.string()).nullish(),
});

async function findTable(client: UnityClient, name: string): Promise<CatalogEntry | undefined> {
  const { catalog, schema } = parseCatalogName(name);
  const found = await client.get(`tables/${encodeURIComponent(name)}`);
  if (found === undefined) {
    if ((await client.get(`catalogs/${encodeURIComponent(catalog)}`)) === undefined)
      throw unknownParent("catalog", catalog, name);
    if ((await client.get(`schemas/${encodeURIComponent(`${catalog}.${schema}`)}`)) === undefined)
      throw unknownParent("schema", `${catalog}.${schema}`, name);
    return undefined;
  }
  const table = tableSchema.safeParse(found);
  if (!table.success) throw unreadable(`the table \`${name}\``, table.error.issues[0]?.path.join(".") ?? "");
  const {
    storage_location: location,
    table_type: type,
    data_source_format: format,
    owner,
    comment,
    properties,
  } = table.data;
  return {
    name,
    location,
    kind: type === "EXTERNAL" ? "external" : "managed",
    format: (format ?? "").toUpperCase(),
    properties: properties ?? {},
    ...(owner ? { owner } : {}),
    ...(comment ? { comment } : {}),
  };
}

const grantsSchema = z.object({
  privilege_assignments: z
    .array(z.object({ principal: z.string(), privileges: z.array(z.string()).nullish() }))
    .nullish(),
});

/** A server without authorization knows no grants; one that does not let us see them shows none. */
async function listGrants(client: UnityClient, name: string): Promise<readonly CatalogGrant[]> {
  const found = await client.get(`permissions/table/${encodeURIComponent(name)}`).catch((error: unknown) => {
    if (error instanceof MillraceError && error.disposition !== "retry") return undefined;
    throw error;
  });
  const grants = grantsSchema.safeParse(found ?? {});
  if (!grants.success) throw unreadable(`the grants of \`${name}\``, "privilege_assignments");
  return (grants.data.privilege_assignments ?? [])
    .map(({ principal, privileges }) => ({ principal, privileges: (privileges ?? []).toSorted() }))
    .filter(({ privileges }) => privileges.length > 0);
}

async function createTable(client: UnityClient, { name, location, columns }: NewCatalogTable): Promise<void> {
  const { catalog, schema, table } = parseCatalogName(name);
  const refusal = await client.post("tables", {
    name: table,
    catalog_name: catalog,
    schema_name: schema,
    table_type: "EXTERNAL",
    data_source_format: "DELTA",
    storage_location: location,
    columns: columns.map(toUnityColumn),
  });
  if (refusal === undefined) return;
  // servers say in several ways that there is one
  const there = await findTable(client, name);
  if (there === undefined) throw refusal;
  if (trimSlash(there.location) !== trimSlash(location)) throw otherLocation(name, location, there.location);
}

class UnityClient {
  readonly #connect: () => Promise<HttpConnection>;

  constructor(connect: () => Promise<HttpConnection>) {
    this.#connect = connect;
  }

  /** @returns `undefined` for what is not there */
  async get(path: string): Promise<unknown> {
    const found = await this.#send("GET", path, undefined);
    if (!(found instanceof MillraceError)) return found;
    if (found.details?.["status"] === 404) return undefined;
    throw found;
  }

  /** @returns what it was refused with, for what may be there already; `undefined` when it was made */
  async post(path: string, body: object): Promise<MillraceError | undefined> {
    const made = await this.#send("POST", path, body);
    if (!(made instanceof MillraceError)) return undefined;
    if (made.details?.["status"] === 400 || made.details?.["status"] === 409) return made;
    throw made;
  }

  /** @returns the answer, or what a refusal means that another try would meet again */
  async #send(method: "GET" | "POST", path: string, json: object | undefined): Promise<unknown> {
    const connection = await this.#connect();
    const body = json === undefined ? {} : { body: { json } };
    return await retryTransient(async () => {
      const response = await connection.send({ method, url: `/api/2.1/unity-catalog/${path}`, ...body });
      if (response.status < 300) return parseJson(await text(response.body), path);
      response.body.destroy();
      const error = toStatusError(method, response, Date.now());
      if (error.disposition === "retry") throw error;
      return error;
    }, {});
  }
}

function parseJson(body: string, path: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw unreadable(`\`${path}\``, "JSON");
  }
}

function trimSlash(location: string): string {
  return location.replace(/\/+$/, "");
}

function unreadable(what: string, expected: string): MillraceError {
  return new MillraceError("CATALOG_UNREADABLE", `the catalog's answer for ${what} lacks \`${expected}\``, {
    hint: "compare `baseUrl` of the connection with the address of the Unity Catalog server, without a path",
  });
}
