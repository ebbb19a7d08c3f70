// Which entries of an archive are read: a pattern over their names, with the marks that patterns of files have.

/** Whether names match: `*` and `?` within a part of a name, `**` over several, `[…]` for one of some characters. */
export function parseEntryPattern(pattern: string): (name: string) => boolean {
  const parts = pattern.matchAll(/\*\*\/?|\*|\?|\[[^\]]+\]|[^*?[]+|\[/g);
  const expression = new RegExp(`^${Array.from(parts, ([part]) => toExpression(part)).join("")}$`, "u");
  return (name) => expression.test(name);
}

function toExpression(part: string): string {
  if (part === "**/") return "(?:.*/)?";
  if (part === "**") return ".*";
  if (part === "*") return "[^/]*";
  if (part === "?") return "[^/]";
  if (part.startsWith("[") && part.length > 1) return part.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
  return part.replaceAll(/[\\^$.+?()|[\]{}/-]/g, String.raw`\$&`);
}
