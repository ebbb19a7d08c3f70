// Describes how one file of a source differs from the others, column by column, because a wrong delivery often looks
// so.
import type { Column } from "../../compute/engine.ts";

/** Columns of one file, before those of all files were united. */
export interface FileColumns {
  readonly file: string;
  readonly columns: readonly Column[];
}

/**
 * Sentences for people: one for each column that not every file has, and one for each whose type is that of no single file.
 * @param differs whether a column of a file is read as another type than the file alone would give it
 */
export function describeDifferences(
  files: readonly FileColumns[],
  united: readonly Column[],
  differs: (own: string, united: string) => boolean,
): string[] {
  if (files.length < 2) return [];
  const found = files.map(({ file, columns }) => ({
    file,
    types: new Map(columns.map(({ name, type }) => [name.toLowerCase(), type] as const)),
  }));
  return united.flatMap(({ name, type }) => {
    const own = found.map(({ file, types }) => ({ file, type: types.get(name.toLowerCase()) }));
    const lacking = own.filter((column) => column.type === undefined).map(({ file }) => `\`${file}\``);
    const sentences = lacking.length === 0 ? [] : [`column \`${name}\` is missing in ${few(lacking)}`];
    if (own.some((column) => column.type !== undefined && differs(column.type, type))) {
      const types = new Map(
        own.flatMap((column) => (column.type === undefined ? [] : [[column.type, column.file] as const])),
      );
      const list = Array.from(types, ([of, file]) => `\`${of}\` in \`${file}\``);
      sentences.push(`column \`${name}\` is read as \`${type}\`, because files differ: ${few(list)}`);
    }
    return sentences;
  });
}

/** The first three, and how many more there are. */
export function few(items: readonly string[]): string {
  const more = items.length - 3;
  return more > 0 ? `${items.slice(0, 3).join(", ")} and ${more} more` : items.join(", ");
}
