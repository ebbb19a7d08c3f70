// Cuts the message of a line into text and addresses of the web, which a reader may follow. Nothing else in it is ever more than text.

export interface LinkPart {
  readonly text: string;
  readonly isLink: boolean;
}

/** Addresses with `http:` and `https:` alone; what ends a sentence or closes a bracket behind one is not part of it. */
export function splitLinks(text: string): LinkPart[] {
  const parts: LinkPart[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(/\bhttps?:\/\/[^\s<>"'`]+/g)) {
    const link = found.replace(/[.,;:!?)\]}]+$/, "");
    if (!URL.canParse(link)) continue;
    if (index > from) parts.push({ text: text.slice(from, index), isLink: false });
    parts.push({ text: link, isLink: true });
    from = index + link.length;
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from), isLink: false });
  return parts;
}
