// Which names a module takes from this package, as far as its text says that plainly.

const specifier = /["']millrace["']/g;
const statement = /\bimport\s+(type\s+)?\{([^{}]*)\}\s*from\s*["']millrace["']/g;

/** `undefined` where the text also imports it in another way than by names, or might: what cannot be told is not guessed. */
export function namesFromMillrace(text: string): readonly string[] | undefined {
  const statements = [...text.matchAll(statement)];
  if (statements.length !== [...text.matchAll(specifier)].length) return undefined;
  return statements
    .filter(([, isType]) => isType === undefined)
    .flatMap(([, , names = ""]) => names.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => name.split(/\s/)[0] ?? "");
}
