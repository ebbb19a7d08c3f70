// Asks axe-core what is wrong with a page that a browser shows, for the rules of WCAG 2.2 A and AA and the best practices.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

let source: Promise<string> | undefined;

/** The rules that look at colours: all others find the same in every theme. */
export const colourRules: readonly string[] = ["color-contrast", "link-in-text-block"];

/**
 * One line for each element that breaks a rule: `color-contrast (serious): .muted: …`.
 * @param rules only these; default all of WCAG 2.2 A and AA and the best practices
 */
export async function findAccessibilityViolations(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  source ??= readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  // Evaluated by the debugger, so that the page's own policy need not allow it; once a page, as it is large.
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(await source);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  return page.evaluate(
    async (runOnly) => {
      // This function runs in the page.
      const page = globalThis as unknown as { readonly axe: Axe; readonly document: unknown };
      // What is right need not be described.
      const { violations } = await page.axe.run(page.document, { runOnly, resultTypes: ["violations"] });
      return violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, failureSummary }) => {
          const why = failureSummary.split("\n").slice(1).join(" ").trim();
          return `${id} (${impact}): ${target.join(" ")}: ${why}`;
        }),
      );
    },
    [...(rules ?? tags)],
  );
}

interface Axe {
  run(
    root: unknown,
    options: { readonly runOnly: readonly string[]; readonly resultTypes: readonly string[] },
  ): Promise<{ readonly violations: readonly AxeViolation[] }>;
}

interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}
