// Rows to merge must say clearly which row they are.
import { type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** @throws MillraceError `CHECKS_FAILED` for keys that are null or occur twice among the rows */
export async function assertMergeKeys(
  session: EngineSession,
  rows: string,
  { mode = "merge", key = [] }: Pick<DatasetOutput, "mode" | "key">,
  signal?: AbortSignal,
): Promise<void> {
  const what = mode === "merge" ? "rows to merge" : `rows of mode \`${mode}\``;
  const columns = key.map(quoteIdentifier).join(", ");
  // names of our own, for a key column may be called anything
  const own = key.map((_, index) => `key_${index}`);
  const [found] = await session.query(
    `SELECT coalesce(sum(occurrences) FILTER (WHERE ${own.map((column) => `${column} IS NULL`).join(" OR ")}), 0)::BIGINT AS nulls,
      count(*) FILTER (WHERE occurrences > 1) AS repeated
      FROM (SELECT ${columns}, count(*) FROM (${rows}) GROUP BY ${columns}) AS grouped(${own.join(", ")}, occurrences)`,
    signal === undefined ? {} : { signal },
  );
  const names = key.map((name) => `\`${name}\``).join(", ");
  if (Number(found?.["nulls"]) > 0) {
    throw new MillraceError(
      "CHECKS_FAILED",
      `${what} have a null in the key ${names}, rows: \`${String(found?.["nulls"])}\``,
      {
        hint: "filter these rows out, or choose a key that is never null",
      },
    );
  }
  if (Number(found?.["repeated"]) > 0) {
    throw new MillraceError(
      "CHECKS_FAILED",
      `${what} repeat the key ${names}, keys: \`${String(found?.["repeated"])}\``,
      {
        hint: "keep one row for each key, e.g. with `qualify row_number() over (partition by …) = 1`",
      },
    );
  }
}
