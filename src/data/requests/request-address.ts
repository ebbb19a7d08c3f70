// The address of a request: values are encoded where they stand, so that none can change which address it is.
import { MillraceError } from "../../core/errors/errors.ts";
import { parseTemplate, printVariable, type Template, type TemplateVariable } from "./template.ts";
import { renderText, type Variables } from "./variables.ts";

/** An address taken apart into what needs different encodings. */
export interface AddressTemplate {
  /** Scheme and host; a variable here is part of an address, such as `{{token.instance_url}}`. */
  readonly origin: Template;
  readonly path: Template;
  /** What follows `?`, one template for each parameter. */
  readonly query: readonly Template[];
}

/** @throws MillraceError `JOB_INVALID` for what is no http address, and for an optional variable before the query */
export function parseAddress(url: string, where: string): AddressTemplate {
  const template = parseTemplate(url, where);
  const [address, query = []] = splitAt(template, "?");
  const isWhole = typeof address[0] !== "string";
  const prefix = typeof address[0] === "string" ? /^https?:\/\//i.exec(address[0])?.[0] : "";
  if (prefix === undefined || url.includes("#")) throw notAnAddress(url, where);
  const [host, path = []] = isWhole
    ? [address.slice(0, 1), address.slice(1)]
    : splitBefore(address, "/", prefix.length);
  const optional = [...host, ...path].find((part) => typeof part !== "string" && part.isOptional);
  if (typeof optional === "object") throw optionalInPath(optional, where);
  return { origin: host, path, query: splitAll(query, "&") };
}

/**
 * The address without further parameters.
 * @throws MillraceError `VARIABLE_UNRESOLVED` also for an empty value in a path and for one that would climb out of it
 */
export function renderAddress({ origin, path, query }: AddressTemplate, variables: Variables, where: string): URL {
  const isWhole = typeof origin[0] !== "string";
  const encodeHost = isWhole
    ? undefined
    : (text: string, variable: TemplateVariable) => hostPart(text, variable, where);
  const base = renderText(origin, variables, where, encodeHost)?.replace(/\/+$/, "") ?? "";
  const rest = renderText(path, variables, where, (text, variable) => encodeSegment(text, variable, where)) ?? "";
  const url = parseUrl(`${base}${rest}`);
  if (url === undefined) throw notAnAddress(origin.map(printPart).join(""), where);
  if (new RegExp("(?:^|/)(?:\\.|%2e){1,2}(?:/|$)", "i").test(rest)) throw climbing(where);
  const parameters = query.map((one) => renderText(one, variables, where, encodeParameter));
  const added = parameters.filter((one) => one !== undefined && one !== "").join("&");
  if (added !== "") url.search = url.search === "" ? added : `${url.search.slice(1)}&${added}`;
  return url;
}

/** A value in the query of an address, as forms write it: a space is `+`. */
export function encodeParameter(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("%20", "+");
}

function encodeSegment(text: string, variable: TemplateVariable, where: string): string {
  if (text !== "") return encodeURIComponent(text.toWellFormed());
  throw new MillraceError(
    "VARIABLE_UNRESOLVED",
    `variable \`${printVariable(variable)}\` in the path of ${where} is the empty text, which would ask for another address`,
    { hint: "correct where the value comes from" },
  );
}

/** A value within scheme and host has no character that ends the host. */
function hostPart(text: string, variable: TemplateVariable, where: string): string {
  if (/^[A-Za-z0-9.:-]+$/.test(text)) return text;
  const message = `variable \`${printVariable(variable)}\` in the host of ${where} is no part of the name of a host`;
  throw new MillraceError("VARIABLE_UNRESOLVED", message, { hint: "correct where the value comes from" });
}

function climbing(where: string): MillraceError {
  return new MillraceError(
    "VARIABLE_UNRESOLVED",
    `a variable makes a part of the path of ${where} \`.\` or \`..\`, which would ask for another address`,
    { hint: "correct where the value comes from" },
  );
}

function notAnAddress(url: string, where: string): MillraceError {
  return new MillraceError(
    "JOB_INVALID",
    `expected ${where} to be an address that begins with http:// or https://, got: \`${url}\``,
    {
      hint: "an address has no `#`, and a variable at its beginning must hold scheme and host",
    },
  );
}

function optionalInPath(variable: TemplateVariable, where: string): MillraceError {
  return new MillraceError(
    "JOB_INVALID",
    `variable \`${printVariable(variable)}\` in the path of ${where} cannot be left out`,
    { hint: "without it the request would go to another address; take the `?` away, or put it into `query`" },
  );
}

function parseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
}

function printPart(part: string | TemplateVariable): string {
  return typeof part === "string" ? part : printVariable(part);
}

/** At the first separator, which is in neither half. */
function splitAt(template: Template, separator: string): [Template, Template?] {
  const index = template.findIndex((part) => typeof part === "string" && part.includes(separator));
  const part = template[index];
  if (typeof part !== "string") return [template];
  const at = part.indexOf(separator);
  const after = [part.slice(at + separator.length), ...template.slice(index + 1)];
  return [withoutEmpty([...template.slice(0, index), part.slice(0, at)]), withoutEmpty(after)];
}

function splitAll(template: Template, separator: string): readonly Template[] {
  const [first, rest] = splitAt(template, separator);
  return rest === undefined ? [first] : [first, ...splitAll(rest, separator)];
}

/** Before the first separator at or behind `from` of the first text. */
function splitBefore(template: Template, separator: string, from: number): [Template, Template?] {
  for (const [index, part] of template.entries()) {
    const at = typeof part === "string" ? part.indexOf(separator, index === 0 ? from : 0) : -1;
    if (typeof part !== "string" || at < 0) continue;
    return [
      withoutEmpty([...template.slice(0, index), part.slice(0, at)]),
      [part.slice(at), ...template.slice(index + 1)],
    ];
  }
  return [template];
}

function withoutEmpty(template: Template): Template {
  return template.filter((part) => part !== "");
}
