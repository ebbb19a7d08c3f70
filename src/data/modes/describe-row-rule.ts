// What a person is told of an output's mode: the rows that give way to those of a run, before it runs, and what it names in vain.
import type { Column } from "../../compute/engine.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { joinWindows, type RowRule, type RunSpan } from "./row-rule.ts";

/** One line, or none for modes that go by no time. */
export function describeRowRule({ covered, history, stamps }: RowRule, { windows }: RunSpan): string[] {
  if (history !== undefined) {
    const absent = history.closesAbsent ? ", and versions of keys that do not come end" : "";
    return [`versions begin and end at \`${history.moment}\`${absent}`];
  }
  if (covered === undefined) return [];
  const { by, ranges = [] } = covered;
  const [moment] = ranges;
  if (stamps.length > 0 && moment !== undefined) return [`rows with the \`${by}\` \`${moment.from}\` give way`];
  if (windows === undefined) return [`rows whose \`${by}\` is a value that comes give way`];
  const joined = joinWindows(windows);
  const shown = joined.slice(0, 3).map(({ from, to }) => `\`${from}\` to before \`${to}\``);
  const more = joined.length > shown.length ? ` and ${joined.length - shown.length} more` : "";
  return [`rows whose \`${by}\` is from ${shown.join(", from ")}${more} give way`];
}

/** A line for each column that is to be ignored and is not there: a slip would begin a version with each value of the one that was meant. */
export function describeUnknownIgnored(dataset: string, { history }: RowRule, columns: readonly Column[]): string[] {
  const names = columns.map(({ name }) => name);
  const known = new Set(names.map((name) => name.toLowerCase()));
  const unknown = (history?.ignored ?? []).filter((name) => !known.has(name.toLowerCase()));
  return unknown.map(
    (name) => `dataset \`${dataset}\` has no column \`${name}\`, which \`ignore\` names${suggest(name, names)}`,
  );
}
