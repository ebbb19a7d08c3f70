// Reads links and proofs out of Markdown; what exists is asked of the caller.
import { posix } from "node:path";

export interface Document {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** The test that proves a promise; `path` is undefined when the row says "not yet". */
export interface Proof {
  readonly promise: string;
  readonly path: string | undefined;
}

/** Relative links to files that do not exist, or to headings that the target document does not have. */
export async function findBrokenLinks(
  documents: readonly Document[],
  exists: (path: string) => Promise<boolean>,
): Promise<string[]> {
  const broken: string[] = [];
  for (const document of documents) {
    for (const link of relativeLinks(document.text)) {
      const [file = "", heading] = link.split("#");
      const path = file === "" ? document.path : posix.join(posix.dirname(document.path), file);
      const target = documents.find((candidate) => candidate.path === path);
      if (!(await exists(path))) broken.push(`${document.path}: no file for \`${link}\``);
      else if (heading !== undefined && target !== undefined && !headingsOf(target.text).includes(heading)) {
        broken.push(`${document.path}: no heading for \`${link}\``);
      }
    }
  }
  return broken;
}

/** Paths in backticks, such as `src/app.ts` or `docs/reports/`, that are not there. Patterns and placeholders are left out. */
export async function findMissingPaths(
  documents: readonly Document[],
  exists: (path: string) => Promise<boolean>,
): Promise<string[]> {
  const missing: string[] = [];
  for (const { path, text } of documents) {
    for (const [, named = ""] of text.matchAll(/`((?:src|tests|docs|bench|scripts|examples|findings)\/[\w./-]*)`/g)) {
      if (!(await exists(named))) missing.push(`${path}: no \`${named}\``);
    }
  }
  return missing;
}

/** The rows of the table of promises with the test files they name; a row may name several. */
export function parseProofs(markdown: string): Proof[] {
  return markdown.split("\n").flatMap((line) => {
    const [promise = "", , proof = ""] = line
      .split("|")
      .slice(1)
      .map((cell) => cell.trim());
    if (!/^[PS]\d+$/.test(promise)) return [];
    const paths = [...proof.matchAll(/`([^`]+\.ts)`/g)].map((match) => match[1]);
    if (paths.length > 0) return paths.map((path) => ({ promise, path }));
    const isOpen = proof.startsWith("not yet");
    return [{ promise, path: isOpen ? undefined : "(no proof and no “not yet”)" }];
  });
}

function relativeLinks(markdown: string): string[] {
  const links = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

/** Anchors as code hosts derive them: lower case, words joined by `-`, punctuation dropped. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}
