// The rows of an organisation as datasets of a test, in the types that the jobs of GitHub and Jira give them.
import type { Organisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import type { GivenRows } from "../../../src/testing.ts";

/** Columns whose type cannot be seen from their names and values. */
const types: Readonly<Record<string, string>> = {
  id: "BIGINT",
  points: "DOUBLE",
  labels: "VARCHAR[]",
  parents: "VARCHAR[]",
  sprint_ids: "VARCHAR[]",
  columns: "JSON",
};

/** Datasets of both services by their names, all or those that are meant. */
export function toInputs(
  { github, jira }: Pick<Organisation, "github" | "jira">,
  names: RegExp = /./,
): Record<string, GivenRows> {
  const all = {
    ...Object.fromEntries(Object.entries(github).map(([name, rows]) => [`github_${name}`, toInput(rows)])),
    ...Object.fromEntries(Object.entries(jira).map(([name, rows]) => [`jira_${name}`, toInput(rows)])),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.test(name)));
}

function toInput(rows: readonly object[]): GivenRows {
  const [first] = rows;
  if (first === undefined) return { columns: { id: "BIGINT" }, rows: [] };
  const columns = Object.fromEntries(Object.keys(first).map((name) => [name, typeOf(name, rows)]));
  return { columns, rows: rows.map((row) => ({ ...row })) };
}

function typeOf(name: string, rows: readonly object[]): string {
  const value: unknown = rows.map((row): unknown => Reflect.get(row, name)).find((one) => one !== null);
  if (name.endsWith("_at")) return "TIMESTAMPTZ";
  if (typeof value === "number") return types[name] ?? "BIGINT";
  if (typeof value === "boolean") return "BOOLEAN";
  if (typeof value === "object") return types[name] ?? "VARCHAR[]";
  return "VARCHAR";
}
