// Cuts a sentence of the orchestrator into text, code, run ids and instants.

export interface RichPart {
  readonly kind: "text" | "code" | "run" | "instant";
  /** The text of the part; that of code has no backticks. */
  readonly text: string;
}

/** A lone backtick is text. Ids within code stay code. */
export function splitRichText(text: string): RichPart[] {
  const parts: RichPart[] = [];
  let from = 0;
  for (const match of text.matchAll(/`([^`]+)`|\br\d{1,18}\b|\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/g)) {
    if (match.index > from) parts.push({ kind: "text", text: text.slice(from, match.index) });
    const code = match[1];
    parts.push(code === undefined ? { kind: kindOf(match[0]), text: match[0] } : { kind: "code", text: code });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}

function kindOf(text: string): "run" | "instant" {
  return text.startsWith("r") ? "run" : "instant";
}
