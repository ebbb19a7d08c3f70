// Looking for plain text in what the store holds, whatever its case. The database narrows down, since its idea of case ends
// with ASCII in one of the two; who shows what it found looks at it once more.

export interface TextSearch {
  /** Pattern of a `like` with `escape '!'` over text that was made lower case. What is not ASCII matches any character. */
  readonly pattern: string;
  /** The same as it is inside JSON text, where quotes and the like are escaped. */
  readonly jsonPattern: string;
  /** Whether the pattern alone decides. */
  readonly isExact: boolean;
  /** Whether the text is in it. */
  readonly isIn: (text: string) => boolean;
  /** Whether it is in a value that is kept as JSON. */
  readonly isInJson: (json: string) => boolean;
}

export function createTextSearch(text: string): TextSearch {
  const wanted = text.toWellFormed().toLowerCase();
  const escaped = JSON.stringify(wanted).slice(1, -1);
  const isIn = (candidate: string): boolean => candidate.toLowerCase().includes(wanted);
  return {
    pattern: toPattern(wanted),
    jsonPattern: toPattern(escaped),
    isExact: /^[\0-\x7f]*$/.test(wanted),
    isIn,
    isInJson: (json) => isIn(json) || json.toLowerCase().includes(escaped),
  };
}

function toPattern(lowered: string): string {
  const inner = lowered.replaceAll(/[!%_]/g, "!$&").replaceAll(/[^\0-\x7f]/gu, "_");
  return `%${inner}%`;
}
