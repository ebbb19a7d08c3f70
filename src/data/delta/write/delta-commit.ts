// Publishes staged files as one commit: plan on a snapshot → place the files → put the commit, and again on top of whoever was first.
// A commit is never lost: only the file system's put-if-absent decides, and a plan is made anew after every lost race.
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Action, AddFile } from "../log/delta-actions.ts";
import type { DeltaCommitInput } from "./delta-commit-input.ts";
import { planCommit } from "./delta-commit-plan.ts";
import { checkpointInterval, writeCheckpoint } from "../log/delta-checkpoint.ts";
import { toTargetError } from "../../files/file-system.ts";
import { putCommit } from "../log/delta-log.ts";
import type { PlacedFile } from "./delta-placement.ts";
import { tableFilesOf } from "../store/table-files-of.ts";
import { relationOf } from "../read/delta-relation.ts";
import { type DeltaSnapshot, nextSnapshot } from "../log/action-reconciliation.ts";
import { advanceSnapshot, readSnapshot } from "../log/delta-snapshot.ts";
import { parseRowCount } from "../schema/delta-statistics.ts";

export interface DeltaCommitResult {
  /** The version that has the rows. */
  readonly version: number;
  /** False when nothing changed, or this run had committed before. */
  readonly committed: boolean;
  /** Set when this run had committed before. */
  readonly committedBefore?: true;
  /** Rows in the table now. */
  readonly rowCount: number;
  readonly addedFiles: number;
  readonly removedFiles: number;
  /** Damage that the commit got round. */
  readonly warnings: readonly string[];
  /** Set when the commit is made but its checkpoint could not be written; readers apply more of the log. */
  readonly checkpointError?: MillraceError;
}

/**
 * Commits staged files to a Delta table, making the table if there is none.
 * Either the commit is made whole or the table stays as it was. Staged files have moved away when it returns committed.
 * @throws MillraceError `TARGET_CONFLICT` after ten lost races, `SCHEMA_MISMATCH`, `CHECKS_FAILED` for bad merge keys,
 * `TARGET_LOST` for a table that is older than `knownVersion`, `DELTA_UNSUPPORTED`, `DELTA_CORRUPT`, `TARGET_UNSUPPORTED`,
 * `DISK_FULL`, `RUN_STOPPED`
 */
export async function commitDelta(input: DeltaCommitInput): Promise<DeltaCommitResult> {
  const commit = new DeltaCommit(input);
  try {
    return await commit.run();
  } catch (error) {
    await commit.withdraw();
    throw toTargetError(error, input.tablePath);
  }
}

const maxTries = 10;
const maxPauseMs = 25;

class DeltaCommit {
  readonly #input: DeltaCommitInput;
  /** Files in the table folder that no commit names yet. */
  #placed: readonly PlacedFile[] = [];
  readonly #warnings: string[] = [];

  constructor(input: DeltaCommitInput) {
    this.#input = input;
  }

  async run(): Promise<DeltaCommitResult> {
    const { tablePath, session } = this.#input;
    let snapshot = await readSnapshot(tablePath, { session, warn: (message) => this.#warnings.push(message) });
    this.#assertNothingLost(snapshot);
    for (let attempt = 1; attempt <= maxTries; attempt += 1) {
      this.#assertRunning();
      const plan = await planCommit(this.#input, snapshot, this.#placed);
      if (typeof plan === "string") return await this.#finishWithout(plan === "committed", snapshot);
      await this.#place(plan.files, snapshot);
      const actions = await plan.toActions();
      if (await this.#put(actions, snapshot)) return await this.#finish(snapshot, actions);
      await pause(attempt);
      snapshot = snapshot === undefined ? await readSnapshot(tablePath, { session }) : await advanceSnapshot(snapshot);
    }
    throw new MillraceError(
      "TARGET_CONFLICT",
      `\`${tablePath}\` changed under every one of ${maxTries} tries to commit`,
      {
        hint: "other writers commit to this table all the time; the run is tried again later",
      },
    );
  }

  /** Moves this commit's files back to staging; those of a commit that may have been made stay. */
  async withdraw(): Promise<void> {
    const placed = this.#placed;
    this.#placed = [];
    await tableFilesOf(this.#input.tablePath)
      .takeBack(placed)
      .catch(() => undefined); // the caller has recorded their names
  }

  /** Brings the plan's files into the table folder and moves back those of an earlier plan that it does not use. */
  async #place(files: readonly PlacedFile[], snapshot: DeltaSnapshot | undefined): Promise<void> {
    const { tablePath, signal } = this.#input;
    const table = tableFilesOf(tablePath);
    const before = this.#placed;
    const fresh = files.filter((file) => !before.includes(file));
    const names = fresh.map((file) => file.name);
    if (names.length > 0) await this.#input.onIntent(names, snapshot?.version ?? -1);
    this.#placed = [...before, ...fresh];
    await table.add(fresh, signal === undefined ? {} : { signal });
    const stale = before.filter((file) => !files.includes(file));
    await table.takeBack(stale);
    this.#placed = files;
  }

  async #put(actions: readonly Action[], snapshot: DeltaSnapshot | undefined): Promise<boolean> {
    const placed = this.#placed;
    const { tablePath, stagingDir } = this.#input;
    const beforePut = async (): Promise<void> => {
      // naming many files takes seconds, in which a worker that froze may have lost its run
      await this.#input.assertHeld();
      this.#assertRunning();
      this.#placed = []; // if the rest fails half-way the commit may stand, and its files must too
    };
    const won = await putCommit(tablePath, (snapshot?.version ?? -1) + 1, actions, { stagingDir, beforePut });
    if (!won) this.#placed = placed;
    return won;
  }

  async #finish(before: DeltaSnapshot | undefined, actions: readonly Action[]): Promise<DeltaCommitResult> {
    const { tablePath, session, stagingDir } = this.#input;
    const after = nextSnapshot(tablePath, before, actions);
    const checkpointError = await this.#checkpoint(after);
    return {
      version: after.version,
      committed: true,
      rowCount: await countRows(session, after, stagingDir),
      addedFiles: actions.filter((action) => action.add).length,
      removedFiles: actions.filter((action) => action.remove).length,
      warnings: this.#warnings,
      ...(checkpointError === undefined ? {} : { checkpointError }),
    };
  }

  async #finishWithout(committedBefore: boolean, snapshot: DeltaSnapshot | undefined): Promise<DeltaCommitResult> {
    await this.withdraw();
    const { session, stagingDir } = this.#input;
    const rowCount = snapshot === undefined ? 0 : await countRows(session, snapshot, stagingDir);
    const version = snapshot?.version ?? -1;
    const before = committedBefore ? { committedBefore } : {};
    const nothing = { committed: false, ...before, addedFiles: 0, removedFiles: 0 };
    return { ...nothing, version, rowCount, warnings: this.#warnings };
  }

  /** The commit stands whatever happens here, so a failure is reported beside it. */
  async #checkpoint(snapshot: DeltaSnapshot): Promise<MillraceError | undefined> {
    const interval = Number(snapshot.metadata.configuration?.["delta.checkpointInterval"] ?? checkpointInterval);
    if (snapshot.version === 0 || snapshot.version % interval !== 0) return undefined;
    try {
      await writeCheckpoint(this.#input.session, snapshot, this.#input.stagingDir, Date.now());
      return undefined;
    } catch (error) {
      return toTargetError(error, snapshot.tablePath);
    }
  }

  /** A replace says itself that what was there does not matter; everything else would go on as if nothing had been. */
  #assertNothingLost(snapshot: DeltaSnapshot | undefined): void {
    const { tablePath, knownVersion = -1, mode } = this.#input;
    if ((snapshot?.version ?? -1) >= knownVersion) return;
    const found = snapshot === undefined ? "is gone" : `is at version ${snapshot.version}`;
    const message = `the table \`${tablePath}\` ${found}, although version ${knownVersion} was published there`;
    if (mode === "replace") {
      this.#warnings.push(`${message}; it is replaced`);
      return;
    }
    throw new MillraceError("TARGET_LOST", message, {
      hint: "restore it with its `_delta_log` from a copy; if the loss is meant, `millrace datasets reset <name>` forgets what was published",
    });
  }

  #assertRunning(): void {
    const { signal } = this.#input;
    if (!signal?.aborted) return;
    if (signal.reason instanceof MillraceError) throw signal.reason;
    throw new MillraceError("RUN_STOPPED", "the commit was stopped before it was made", { cause: signal.reason });
  }
}

/** Rows of a snapshot, from the log; files whose writer kept no statistics are asked. */
export async function countRows(session: EngineSession, snapshot: DeltaSnapshot, spool: string): Promise<number> {
  const silent: AddFile[] = [];
  let rowCount = 0;
  for (const file of snapshot.files) {
    const rows = parseRowCount(file.stats);
    if (rows === undefined) silent.push(file);
    else rowCount += rows;
  }
  if (silent.length === 0) return rowCount;
  const { metadata, schema } = snapshot;
  const paths = silent.map(({ path }) => path);
  const tablePath = await tableFilesOf(snapshot.tablePath).open(paths, spool, {});
  const relation = relationOf({ tablePath, schema, partitionColumns: metadata.partitionColumns, files: silent });
  const [row] = await session.query(`SELECT count(*) AS "rows" FROM (${relation})`);
  return rowCount + Number(row?.["rows"]);
}

async function pause(attempt: number): Promise<void> {
  const pauseMs = Math.random() * maxPauseMs * attempt;
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
