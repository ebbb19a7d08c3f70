// What a person is told of the rows that give way to those of a run, before it runs.
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
