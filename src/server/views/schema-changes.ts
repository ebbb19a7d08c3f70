// How the columns of a dataset changed: from version to version, and what was left out on the way in.
import type { SchemaChange } from "../../api/datasets/dataset.ts";
import type { DatasetColumn, DatasetVersion } from "../../core/dataset/dataset.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { DiscardedRecord } from "../../store/browse/browse-store.ts";
import { toInstant } from "./to-instant.ts";

const maxChanges = 200;

/** Newest first. @param versions newest first; what the last of them changed is not known */
export function listSchemaChanges(
  versions: readonly DatasetVersion[],
  discarded: readonly DiscardedRecord[],
): readonly SchemaChange[] {
  const changes = versions.flatMap((version, index) => {
    const before = versions[index + 1];
    const { runId, job, createdAtMs } = version;
    const about = { run_id: formatRunId(runId), job_name: job, at: toInstant(createdAtMs), version: version.version };
    return before === undefined ? [] : compare(before.schema, version.schema).map((each) => ({ ...about, ...each }));
  });
  const left = discarded.map(({ runId, job, atMs, column, type, count }): SchemaChange => {
    const about = { run_id: formatRunId(runId), job_name: job, at: toInstant(atMs), version: null };
    return { ...about, kind: "discarded", column, before: null, after: type, count };
  });
  return [...changes, ...left].toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, maxChanges);
}

type Change = Pick<SchemaChange, "kind" | "column" | "before" | "after" | "count">;

function compare(before: readonly DatasetColumn[], after: readonly DatasetColumn[]): readonly Change[] {
  const [old, now] = [before, after].map((columns) => new Map(columns.map(({ name, type }) => [name, type])));
  const kept = after.map(({ name, type }): Change | undefined => {
    const was = old?.get(name);
    if (was === undefined) return { kind: "added", column: name, before: null, after: type, count: null };
    return was === type ? undefined : { kind: "retyped", column: name, before: was, after: type, count: null };
  });
  const gone = before.flatMap(({ name, type }): readonly Change[] =>
    now?.has(name) === true ? [] : [{ kind: "dropped", column: name, before: type, after: null, count: null }],
  );
  return [...kept.filter((change) => change !== undefined), ...gone];
}
