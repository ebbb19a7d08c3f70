// A Unity Catalog server in memory, by the paths, fields and errors of its open API.
import { answerJson, type BehavingServer, type ReceivedRequest, startBehavingServer } from "./behaving-server.ts";

export interface UnityTable {
  readonly name: string;
  readonly catalog_name: string;
  readonly schema_name: string;
  readonly table_type: string;
  readonly data_source_format: string;
  readonly storage_location: string;
  readonly columns?: readonly Readonly<Record<string, unknown>>[];
  readonly owner?: string;
  readonly comment?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

/** An answer of the server. */
interface Reply {
  readonly status: number;
  readonly body: object;
}

/** Listens on a port of its own until it is disposed of. */
export class UnityServer implements AsyncDisposable {
  /** Full name → table. */
  readonly tables = new Map<string, UnityTable>();
  readonly schemas = new Set<string>(["main.sales"]);
  /** Full name → who may do what. */
  readonly grants = new Map<string, Readonly<Record<string, readonly string[]>>>();
  /** What a request is answered with instead, by its method and path. */
  trouble: (request: string) => Reply | undefined = () => undefined;
  #server: BehavingServer | undefined;

  static async start(): Promise<UnityServer> {
    const server = new UnityServer();
    server.#server = await startBehavingServer((request, response) => {
      const { status, body } = server.#answer(request);
      answerJson(response, body, status);
    });
    return server;
  }

  get url(): string {
    return this.#server?.origin ?? "";
  }

  #answer({ method, path, body }: ReceivedRequest): Reply {
    const asked = decodeURIComponent(path.replace("/api/2.1/unity-catalog/", ""));
    return this.trouble(`${method} ${asked}`) ?? this.#reply(method, asked, body);
  }

  #reply(method: string, path: string, body: string): Reply {
    const [kind = "", first = "", second = ""] = path.split("/");
    if (method === "POST" && kind === "tables") return this.#create(JSON.parse(body) as UnityTable);
    if (kind === "tables") return found(this.tables.get(first), "TABLE_NOT_FOUND");
    if (kind === "schemas")
      return found(this.schemas.has(first) ? { full_name: first } : undefined, "SCHEMA_NOT_FOUND");
    if (kind === "catalogs") {
      const isThere = [...this.schemas].some((schema) => schema.startsWith(`${first}.`));
      return found(isThere ? { name: first } : undefined, "CATALOG_NOT_FOUND");
    }
    const assignments = Object.entries(this.grants.get(second) ?? {});
    return ok({ privilege_assignments: assignments.map(([principal, privileges]) => ({ principal, privileges })) });
  }

  #create(table: UnityTable): Reply {
    const full = `${table.catalog_name}.${table.schema_name}.${table.name}`;
    if (this.tables.has(full)) return unityRefusal(400, "TABLE_ALREADY_EXISTS");
    const fields = ["type_name", "type_text", "type_json", "position"];
    const isWhole = (table.columns ?? []).every((column) => fields.every((field) => field in column));
    if (table.table_type !== "EXTERNAL" || !isWhole) return unityRefusal(400, "INVALID_ARGUMENT");
    this.tables.set(full, { ...table, owner: "publisher" });
    return ok(table);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}

/** How the server refuses. */
export function unityRefusal(status: number, code: string): Reply {
  return { status, body: { error_code: code, message: "no", details: [] } };
}

function found(body: object | undefined, code: string): Reply {
  return body === undefined ? unityRefusal(404, code) : ok(body);
}

function ok(body: object): Reply {
  return { status: 200, body };
}
