// Remembers the statements of a session and looks at the plans that it goes on using.
import pg from "pg";
import type { Session } from "../../../src/store/postgres/database.ts";
import { clientConfig, defaultSchema, prepareSession } from "../../../src/store/postgres/session.ts";

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Recheck Cond"?: string;
  readonly "TID Cond"?: string;
  readonly Plans?: readonly PlanNode[];
}

// Tables that stay small: as many rows as all workers have slots, as there are kinds of work or topics, or as wide
// fan-outs under way.
const smallTables = /^(?:lease|lane|worker|engine|gate|paused_job|slot|request|fan_out|stream_topic)$/;

/** A session of the store that remembers what it was asked. */
export class RecordingSession implements Session {
  readonly names = new Set<string>();
  readonly #client: pg.Client;
  readonly #parameters = new Map<string, number>();

  constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<RecordingSession> {
    const client = new pg.Client(clientConfig(url, 30_000));
    await client.connect();
    await prepareSession(client, { address: { url, schema: defaultSchema }, callTimeoutMs: 30_000 });
    return new RecordingSession(client);
  }

  async query<Row>(
    { name, text }: { name: string; text: string },
    params: readonly unknown[],
  ): Promise<{ rows: readonly Row[]; changes: number }> {
    this.names.add(name);
    this.#parameters.set(name, params.length);
    const { rows, rowCount } = await this.#client.query({ name, text, values: [...params] });
    return { rows: rows as Row[], changes: rowCount ?? 0 };
  }

  /** In the plans that this session goes on using. */
  async findWholeReads(): Promise<string[]> {
    const offenders: string[] = [];
    for (const [name, count] of this.#parameters) {
      const values = count === 0 ? "" : `(${Array.from({ length: count }, () => "null").join(", ")})`;
      const sql = `explain (format json) execute ${name} ${values}`;
      const { rows } = await this.#client.query<{ "QUERY PLAN": readonly { Plan: PlanNode }[] }>(sql);
      for (const { Plan } of rows[0]?.["QUERY PLAN"] ?? []) {
        for (const node of wholeReads(Plan, false)) offenders.push(`${name}: ${JSON.stringify(node)}`);
      }
    }
    return offenders;
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}

// An index that is read from one end under a limit is fine, and so is one that gives the newest of an append.
function* wholeReads(node: PlanNode, isLimited: boolean): Generator<Partial<PlanNode>> {
  const { "Relation Name": relation = "", Plans: children = [], ...rest } = node;
  const type = node["Node Type"];
  const reads = /^(?:Seq|Index|Index Only|Bitmap Heap) Scan$/.test(type) && !smallTables.test(relation);
  const isBounded = rest["Index Cond"] !== undefined || rest["Recheck Cond"] !== undefined;
  if (reads && (type === "Seq Scan" || (!isBounded && !isLimited))) {
    yield { "Node Type": type, "Relation Name": relation, "Index Name": rest["Index Name"] ?? "" };
  }
  const limits = type === "Limit" || (isLimited && /^(?:Merge Append|LockRows|Append)$/.test(type));
  for (const child of children) yield* wholeReads(child, limits);
}
