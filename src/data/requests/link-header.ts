// The `Link` header of RFC 8288: where the next page is.
import type { ResponseHead } from "./response-rules.ts";

/** A link and its parameters, whose names are in lower case. */
export interface Link {
  readonly target: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The header as one text; empty where there is none. */
export function linkText({ headers }: ResponseHead): string {
  return [headers["link"] ?? []].flat().join(", ");
}

/** The links of a header, in their order. A comma or semicolon inside of an address or of quotes separates nothing. */
export function parseLinkHeader(text: string): readonly Link[] {
  const links: Link[] = [];
  for (const match of text.matchAll(linkPattern)) {
    const [, target = "", rest = ""] = match;
    const parameters: Record<string, string> = {};
    for (const [, name = "", quoted, token] of rest.matchAll(parameterPattern)) {
      // the first of the same name counts, says the RFC
      parameters[name.toLowerCase()] ??= quoted?.replaceAll(/\\(.)/g, "$1") ?? token ?? "";
    }
    links.push({ target: target.trim(), parameters });
  }
  return links;
}

/** The address of the first link with the relation, among several that a link may have. */
export function findLink(text: string, relation: string): string | undefined {
  const has = ({ parameters }: Link): boolean =>
    (parameters["rel"] ?? "").toLowerCase().split(/\s+/).includes(relation);
  return parseLinkHeader(text).find(has)?.target;
}

const linkPattern = /<([^>]*)>((?:\s*;\s*[\w!#$&+\-.^`|~*]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]+))?)*)/g;
const parameterPattern = /;\s*([\w!#$&+\-.^`|~*]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]+)))?/g;
