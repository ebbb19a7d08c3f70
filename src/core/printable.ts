// Text of users and outside systems made harmless for whoever reads it as plain text.

/** The text without the characters that could steer a terminal or reverse its reading order; line feeds and tabs stay. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "�");
}
