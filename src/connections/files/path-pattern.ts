// Patterns of paths: `*`, `**`, `?` and `[…]`, by the same rules for every kind of place.

/** A path or a pattern of paths. */
export interface PathPattern {
  readonly text: string;
  /** Whether it can name more than the one path that it is. */
  readonly isPattern: boolean;
  /** What all paths that it names begin with; it may end within a name. */
  readonly prefix: string;
  /** Names between slashes, without the empty one before a leading slash. */
  readonly segments: readonly string[];
  /** Whether it names this path. */
  matches(path: string): boolean;
}

/**
 * `*` and `?` stop at slashes, `**` stands for any folders. A name that begins with a dot is named only by a pattern that does:
 * such files are work in progress of whoever writes them.
 */
export function parsePattern(text: string): PathPattern {
  const first = text.search(/[*?[]/);
  const expression = new RegExp(`^${toExpression(text)}$`, "u");
  return {
    text,
    isPattern: first >= 0,
    prefix: first < 0 ? text : text.slice(0, first),
    segments: text.replace(/^\//, "").split("/"),
    matches: (path) => path === text || expression.test(path),
  };
}

/** Whether a segment of a pattern names a folder or file. */
export function matchesName(segment: string, name: string): boolean {
  return segment === name || new RegExp(`^${toExpression(segment)}$`, "u").test(name);
}

function toExpression(text: string): string {
  const segments = text.split("/");
  return segments
    .map((segment, index) => {
      const isLast = index === segments.length - 1;
      if (segment === "**") return isLast ? `(?:${visible}[^/]+/)*${visible}[^/]+` : `(?:${visible}[^/]+/)*`;
      return `${segmentExpression(segment)}${isLast ? "" : "/"}`;
    })
    .join("");
}

const visible = String.raw`(?!\.)`;

function segmentExpression(segment: string): string {
  const parts = segment.match(/\*+|\?|\[[^\]]*\]|[^*?[]+|\[/g) ?? [];
  const expression = parts.map(partExpression).join("");
  return /^[*?[]/.test(segment) ? `${visible}${expression}` : expression;
}

function partExpression(part: string): string {
  if (part.startsWith("*")) return "[^/]*";
  if (part === "?") return "[^/]";
  const set = /^\[(!?)(.+)\]$/u.exec(part);
  if (set === null) return part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const members = (set[2] ?? "").replaceAll(/[\\[\]^]/g, String.raw`\$&`);
  return `(?!/)[${set[1] === "!" ? "^" : ""}${members}]`;
}
