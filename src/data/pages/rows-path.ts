// Where the rows are in an answer: `calls`, `data.*.items`, or the document itself.
import { MillraceError } from "../../core/errors/errors.ts";

/** The kind of what holds rows, and the fields that lead there; `*` stands for every field of an object and every item of a list. */
export interface RowsPath {
  /** `document`: what is at the path is one row. `rows`: it is a list of rows, or at the end of `*` rows themselves. */
  readonly kind: "document" | "rows";
  readonly names: readonly string[];
}

/**
 * @param rows names separated by dots, or a list of them; `.` for a document that is one row, nothing for one that is a list of rows
 * @throws MillraceError `JOB_INVALID`
 */
export function parseRowsPath(rows: string | readonly string[] | undefined, where: string): RowsPath {
  if (rows === undefined) return { kind: "rows", names: [] };
  if (rows === ".") return { kind: "document", names: [] };
  const names = typeof rows === "string" ? rows.split(".") : rows;
  if (names.length > 0 && names.every((name) => name !== "")) return { kind: "rows", names };
  throw new MillraceError(
    "JOB_INVALID",
    `expected ${where} to be names of fields such as \`data.*.items\`, got: \`${String(rows)}\``,
    {
      hint: "write `.` when the document is one row, and leave it out when the document is a list of rows",
    },
  );
}

/** As a person writes it. */
export function printRowsPath({ kind, names }: RowsPath, length: number = names.length): string {
  if (kind === "document" || length === 0) return "the document";
  return `\`${names.slice(0, length).join(".")}\``;
}

/** Whether what is at the end of the path are rows themselves, and no lists of rows. */
export function endsInRows({ kind, names }: RowsPath): boolean {
  return kind === "document" || names.at(-1) === "*";
}
