// Reads the tables of docs/internals/architecture.md, to be compared with the source and with the rules that the gate holds.

/** Files and folders of `src` that the table of folders names, such as `app.ts` and `core`. */
export function parsePlaces(markdown: string): string[] {
  return rowsBelow(markdown, "## Folders").flatMap(([place = ""]) =>
    [...place.matchAll(/`src\/([\w.-]+)\/?`/g)].map((match) => match[1] ?? ""),
  );
}

/** Folder → its rooms, as the table of rooms has them. */
export function parseRooms(markdown: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    rowsBelow(markdown, "## Rooms").map(([folder = "", rooms = ""]) => [
      folder.replaceAll("`", ""),
      [...rooms.matchAll(/\*\*([\w-]+)\*\*/g)].map((match) => match[1] ?? ""),
    ]),
  );
}

/** Folder → the folders that it may import. Roots, which may import everything, are left out. */
export function parseDirections(markdown: string): ReadonlyMap<string, readonly string[]> {
  const rows = rowsBelow(markdown, "## Direction").filter(([from = ""]) => !from.startsWith("roots"));
  return new Map(rows.flatMap(([from = "", to = ""]) => namesIn(from).map((folder) => [folder, namesIn(to)])));
}

/** The roots of the same table. */
export function parseRoots(markdown: string): string[] {
  const row = rowsBelow(markdown, "## Direction").find(([from = ""]) => from.startsWith("roots"));
  return namesIn(row?.[0] ?? "");
}

/** Cells of the rows of the first table below a heading, without its head. */
function rowsBelow(markdown: string, heading: string): string[][] {
  const section = markdown.split(`\n${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([\w.-]+)`/g)].map((match) => match[1] ?? "");
}
