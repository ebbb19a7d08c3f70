// Defines the input of a commit to a Delta table, and finds its staged files at any time.
import type { EngineSession, WrittenFile } from "../../../compute/engine.ts";
import type { SchemaContract } from "../../../core/dataset/dataset.ts";
import { asAddFile, type PlacedFile } from "./delta-placement.ts";
import { relationOf } from "../read/delta-relation.ts";
import { tableFilesOf } from "../store/table-files-of.ts";
import { type DeltaStruct, toDeltaSchema } from "../schema/delta-schema.ts";
import type { CoveredRows, HistoryRule, TableMode } from "../../modes/row-rule.ts";
import type { StagedColumn } from "../../staged-rows.ts";

export interface DeltaCommitInput {
  /** Absolute path of the table folder; made when missing. */
  readonly tablePath: string;
  readonly mode: TableMode;
  /** Flushed Parquet files in a staging folder on the table's file system, below `column=value` folders when partitioned. */
  readonly staged: readonly WrittenFile[];
  /** The columns of the staged rows, partition columns included; see `planDeltaStaging`. */
  readonly schema: readonly StagedColumn[];
  readonly partitionBy: readonly string[];
  /** For modes that look at keys: the columns that identify a row. */
  readonly key?: readonly string[];
  /** For `delete_insert`: the rows that give way. */
  readonly covered?: CoveredRows;
  /** For `scd2`. */
  readonly history?: HistoryRule;
  readonly schemaContract: SchemaContract;
  /** The version that the rows were made from, when they are void on top of another. */
  readonly basedOn?: number;
  /** The newest version that is known to have been committed here. A table that is older has lost commits. */
  readonly knownVersion?: number;
  /** Recorded in the commit. A run commits once; a replace whose fingerprint is that of the latest commit is skipped. */
  readonly writer: {
    readonly runId: string;
    readonly job: string;
    /** For messages: what the job calls the table. */
    readonly dataset: string;
    readonly fingerprint: string;
  };
  /** Reads and writes checkpoints, and does the work of a merge. */
  readonly session: EngineSession;
  /** A folder for drafts and for the files of a merge, on the table's file system; the caller removes it afterwards. */
  readonly stagingDir: string;
  /**
   * Called before files enter the table folder, with their names relative to it and the version they build on (-1 for
   * a new table). Record them: after a crash, `removeUnreferenced` takes out those that no commit names.
   */
  onIntent(names: readonly string[], baseVersion: number): Promise<void>;
  /**
   * Called in every try when everything is in place and only the commit itself is left, however long that took.
   * It throws when the run may not publish any more.
   */
  assertHeld(): Promise<void>;
  readonly signal?: AbortSignal;
}

/** The staged files that have rows. */
export function stagedFiles(input: DeltaCommitInput): WrittenFile[] {
  return input.staged.filter((file) => file.rows > 0);
}

/** The staged files where they are now: those that an earlier try has placed are in the table folder. */
export function currentFiles(input: DeltaCommitInput, placed: readonly PlacedFile[]): WrittenFile[] {
  const table = tableFilesOf(input.tablePath);
  return stagedFiles(input).map((file) => {
    const added = placed.find((candidate) => candidate.written === file);
    return added === undefined ? file : { ...file, path: table.pathOf(added) };
  });
}

/** The staged rows in the types of the table, wherever their files are; a column that they lack is NULL. */
export function stagedRelation(
  input: DeltaCommitInput,
  { schema, partitionBy }: { readonly schema: DeltaStruct; readonly partitionBy: readonly string[] },
  placed: readonly PlacedFile[],
): string {
  const fileSchema = toDeltaSchema(input.schema);
  const files = currentFiles(input, placed).map((file) => asAddFile(file, fileSchema, partitionBy));
  return relationOf(
    { tablePath: input.tablePath, schema, partitionColumns: partitionBy, files },
    { logicalTypes: false },
  );
}
