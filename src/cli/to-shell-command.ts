// A command line as a person can paste it into a shell.

/** The words of a command, quoted for a POSIX shell where that is needed. */
export function toShellCommand(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
