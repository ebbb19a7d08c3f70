// Reads the tables of docs/reference/errors.md and compares them with the codes of the source.

export interface ErrorRow {
  readonly code: string;
  readonly disposition: string;
  readonly origin: string;
  readonly happened?: string;
  readonly remedy?: string;
}

/** The rows of every table whose first cell is a code in backticks, in order. */
export function parseErrorDocs(markdown: string): ErrorRow[] {
  return markdown
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .flatMap(([, code = "", origin = "", disposition = "", happened = "", remedy = ""]) => {
      const name = /^`([A-Z][A-Z0-9_]*)`$/.exec(code)?.[1];
      return name === undefined ? [] : [{ code: name, origin, disposition, happened, remedy }];
    });
}

/** One sentence per code that is missing on one side, documented twice, or documented with other facts. */
export function findDifferences(declared: readonly ErrorRow[], documented: readonly ErrorRow[]): string[] {
  const differences = declared.flatMap((row) => {
    const rows = documented.filter(({ code }) => code === row.code);
    if (rows.length === 0) return [`\`${row.code}\` is not documented in docs/reference/errors.md`];
    if (rows.length > 1) return [`\`${row.code}\` is documented ${rows.length} times`];
    const [said, meant] = [rows[0], row].map((side) => `${side?.disposition}, ${side?.origin}`);
    return said === meant ? [] : [`\`${row.code}\` is documented as \`${said}\`, the source says \`${meant}\``];
  });
  const known = new Set(declared.map(({ code }) => code));
  const unknown = documented.filter(({ code }) => !known.has(code));
  return [
    ...differences,
    ...unknown.map(({ code }) => `\`${code}\` is documented but not declared in src/core/errors/error-codes.ts`),
  ];
}

/** The codes that occur in `text` as string literals. */
export function findCodeMentions(text: string, codes: readonly string[]): string[] {
  return codes.filter((code) => text.includes(`"${code}"`));
}
