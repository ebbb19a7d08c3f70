// Names and texts as SQL of MySQL has them.

/** `` `name` `` */
export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** `'text'`, whatever is in it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("\\", String.raw`\\`).replaceAll("'", "''")}'`;
}

/** `` `a`, `b` `` */
export function listNames(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => quoteName(name)).join(", ");
}
