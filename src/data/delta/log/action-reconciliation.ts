// Applies the actions of a Delta log in order; the state after the last one is the table.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#action-reconciliation
import { MillraceError } from "../../../core/errors/errors.ts";
import { type ColumnMapping, readColumnMapping } from "../schema/delta-column-mapping.ts";
import { type DeltaStruct, parseDeltaSchema } from "../schema/delta-schema.ts";
import type { Action, AddFile, DomainMetadata, Metadata, Protocol, RemoveFile, Transaction } from "./delta-actions.ts";
import { fileKey } from "./delta-file-key.ts";
import { assertReadable } from "./delta-protocol.ts";

/** An immutable view of a table; `files` is in order of first mention. */
export interface DeltaSnapshot {
  readonly tablePath: string;
  readonly version: number;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly schema: DeltaStruct;
  /** How the columns are found in the files. */
  readonly mapping: ColumnMapping;
  readonly files: readonly AddFile[];
  readonly tombstones: readonly RemoveFile[];
  readonly transactions: readonly Transaction[];
  readonly domains: readonly DomainMetadata[];
}

/** The snapshot after `actions` are committed on top of `snapshot`. */
export function nextSnapshot(
  tablePath: string,
  snapshot: DeltaSnapshot | undefined,
  actions: readonly Action[],
): DeltaSnapshot {
  const reconciliation = new ActionReconciliation(tablePath, snapshot);
  reconciliation.apply(actions);
  return reconciliation.toSnapshot((snapshot?.version ?? -1) + 1);
}

/** The state of a table while its log is read. */
export class ActionReconciliation {
  readonly #tablePath: string;
  readonly #files: Map<string, AddFile>;
  readonly #tombstones: Map<string, RemoveFile>;
  readonly #transactions: Map<string, Transaction>;
  readonly #domains: Map<string, DomainMetadata>;
  #protocol: Protocol | undefined;
  #metadata: Metadata | undefined;

  constructor(tablePath: string, base?: DeltaSnapshot) {
    this.#tablePath = tablePath;
    this.#files = new Map(base?.files.map((file) => [fileKey(file), file]));
    this.#tombstones = new Map(base?.tombstones.map((file) => [fileKey(file), file]));
    this.#transactions = new Map(base?.transactions.map((transaction) => [transaction.appId, transaction]));
    this.#domains = new Map(base?.domains.map((domain) => [domain.domain, domain]));
    this.#protocol = base?.protocol;
    this.#metadata = base?.metadata;
  }

  apply(actions: readonly Action[]): void {
    for (const action of actions) {
      if (action.add) this.#add(action.add);
      else if (action.remove) this.#remove(action.remove);
      else if (action.metaData) this.#metadata = action.metaData;
      else if (action.protocol) this.#protocol = action.protocol;
      else if (action.txn) this.#transactions.set(action.txn.appId, action.txn);
      else if (action.domainMetadata) this.#setDomain(action.domainMetadata);
    }
  }

  toSnapshot(version: number): DeltaSnapshot {
    const [protocol, metadata] = [this.#protocol, this.#metadata];
    if (protocol === undefined || metadata === undefined) {
      const missing = protocol === undefined ? "protocol" : "metaData";
      throw new MillraceError("DELTA_CORRUPT", `the log of \`${this.#tablePath}\` has no \`${missing}\` action`);
    }
    assertReadable(this.#tablePath, protocol, metadata);
    return {
      tablePath: this.#tablePath,
      version,
      protocol,
      metadata,
      schema: parseDeltaSchema(metadata.schemaString),
      mapping: readColumnMapping(metadata),
      files: [...this.#files.values()],
      tombstones: [...this.#tombstones.values()],
      transactions: [...this.#transactions.values()],
      domains: [...this.#domains.values()],
    };
  }

  #setDomain(domain: DomainMetadata): void {
    if (domain.removed) this.#domains.delete(domain.domain);
    else this.#domains.set(domain.domain, domain);
  }

  #add(file: AddFile): void {
    const key = fileKey(file);
    this.#tombstones.delete(key);
    this.#files.set(key, file);
  }

  #remove(file: RemoveFile): void {
    const key = fileKey(file);
    this.#files.delete(key);
    this.#tombstones.set(key, file);
  }
}
