// A tutorial as steps that a test can take: files to write, commands to run, and the output that is shown for them.

export type TutorialStep =
  /** A block after a paragraph that ends with the name of a file and a colon. */
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  /** A block of commands with the block of output right after it. `mode` is the word behind `sh`. */
  | {
      readonly kind: "commands";
      readonly mode: CommandMode;
      readonly script: string;
      readonly shown: string | undefined;
    };

/** `skip` is not run, `fails` ends with another exit code than 0, `background` goes on beside the rest. */
export type CommandMode = "run" | "skip" | "fails" | "background";

interface Block {
  readonly info: string;
  readonly body: string;
  /** What stands between the block before and this one. */
  readonly before: string;
}

/** @throws Error for a block that is neither a file nor commands nor their output: nobody would notice when it is wrong */
export function parseTutorial(markdown: string): TutorialStep[] {
  const blocks = parseBlocks(markdown);
  return blocks.flatMap((block, index): TutorialStep[] => {
    const [language = "", mode = "run"] = block.info.split(" ");
    const next = blocks[index + 1];
    if (language === "sh") {
      const isShown = next?.info === "text" && next.before.trim() === "";
      return [{ kind: "commands", mode: toMode(mode), script: block.body, shown: isShown ? next.body : undefined }];
    }
    if (language === "text" && blocks[index - 1]?.info.startsWith("sh") === true && block.before.trim() === "")
      return [];
    const path = /`([^`\s]+)`:\s*$/.exec(block.before)?.[1];
    if (path !== undefined) return [{ kind: "file", path, text: block.body }];
    throw new Error(`nothing says what this block is:\n${block.body}`);
  });
}

/**
 * The first line at which the output is not what is shown, in words; `undefined` when all is as shown. `…` stands for
 * anything in a line, and alone for any lines. Durations, times of the day, addresses of this machine and the width of
 * columns may differ.
 */
export function findDifference(shown: string, output: string): string | undefined {
  const expected = shown.trimEnd().split("\n").map(normalise);
  const actual = output.trimEnd().split("\n").map(normalise);
  return matches(expected, actual) ? undefined : describe(expected, actual);
}

function parseBlocks(markdown: string): Block[] {
  const parts = markdown.split(/^```(.*)\n/m);
  // Text, info, body, info of the closing fence (empty), text, …
  const blocks: Block[] = [];
  for (let at = 0; at + 2 < parts.length; at += 4) {
    blocks.push({ before: parts[at] ?? "", info: (parts[at + 1] ?? "").trim(), body: parts[at + 2] ?? "" });
  }
  return blocks;
}

function toMode(word: string): CommandMode {
  if (word === "run" || word === "skip" || word === "fails" || word === "background") return word;
  throw new Error(`unknown word behind \`sh\`: ${word}`);
}

function normalise(line: string): string {
  return line
    .replaceAll(/\d\d:\d\d:\d\d(?:\.\d+)?/g, "<time>")
    .replaceAll(/\b\d+(?:\.\d+)? (?:ms|s|min|h)\b/g, "<duration>")
    .replaceAll(/<duration> ago|just now/g, "<ago>")
    .replaceAll(/127\.0\.0\.1:\d+/g, "<address>")
    .replaceAll(/\s+/g, " ")
    .trim();
}

function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return actual.length === 0;
  if (first !== "…") return actual[0] !== undefined && isLike(first, actual[0]) && matches(rest, actual.slice(1));
  return actual.concat([""]).some((_line, skipped) => matches(rest, actual.slice(skipped)));
}

function isLike(expected: string, actual: string): boolean {
  const parts = expected.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`).test(actual);
}

function describe(expected: readonly string[], actual: readonly string[]): string {
  const missing = expected.find((line) => line !== "…" && !actual.some((other) => isLike(line, other)));
  const what =
    missing === undefined ? "the lines are in another order, or there are others between" : `no line is \`${missing}\``;
  return `${what}; printed was:\n${actual.join("\n")}`;
}
