// Rules on names as conditions of the engine.
import { listText } from "../sql-values.ts";
import type { SettledRules } from "./rules.ts";

/** A condition on who is a person: neither of the type `Bot` nor named as one. Null is somebody whose account is gone. */
export function isHuman(login: string, type: string, { bots }: SettledRules): string {
  const patterns = bots.map((pattern) =>
    typeof pattern === "string"
      ? `lower(${login}) = ${listText([pattern.toLowerCase()]).slice(1, -1)}`
      : `regexp_matches(${login}, ${toRegexText(pattern)})`,
  );
  return `(coalesce(${type}, 'User') <> 'Bot' and not coalesce(${["false", ...patterns].join(" or ")}, false))`;
}

/** A condition on a name that is one of those that are meant. */
export function matchesName(name: string, patterns: readonly (string | RegExp)[]): string {
  const conditions = patterns.map((pattern) =>
    typeof pattern === "string"
      ? `lower(${name}) = ${listText([pattern.toLowerCase()]).slice(1, -1)}`
      : `regexp_matches(${name}, ${toRegexText(pattern)})`,
  );
  return `coalesce(${["false", ...conditions].join(" or ")}, false)`;
}

function toRegexText({ source, flags }: RegExp): string {
  return listText([flags.includes("i") ? `(?i)${source}` : source]).slice(1, -1);
}
