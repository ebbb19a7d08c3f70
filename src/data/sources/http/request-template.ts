// The requests of a source: taken apart when the job is defined, put together for each page.
import { basename } from "node:path";
import type { FileContent } from "../../../connections/http/file-content.ts";
import type { HttpBody, HttpRequest } from "../../../connections/http/http-request.ts";
import type { Variables } from "../../../core/dataset/variables.ts";
import { parseDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { OptionPath } from "../../../core/spec/parse-options.ts";
import { refusal } from "../../../core/spec/parse-options.ts";
import { listPageVariables } from "../../requests/pagination.ts";
import type { PageRequest } from "../../requests/paginator.ts";
import { type AddressTemplate, parseAddress, renderAddress } from "../../requests/request-address.ts";
import {
  encodeParameters,
  listTemplates,
  type ParsedValue,
  parseValue,
  renderJson,
  renderParameters,
} from "../../requests/request-body.ts";
import { listVariables, parseTemplate, type Template } from "../../requests/template.ts";
import { renderText } from "../../requests/variables.ts";
import type { HttpSourceOptions } from "./options.ts";

/** What `render` needs for one page. */
export interface RenderInput {
  readonly page: PageRequest;
  /** Values of the job and of the unit. */
  readonly variables: Variables;
  /** Scopes whose values are secrets. */
  readonly secretScopes: readonly string[];
  /** Files of the body, in their order. */
  readonly files?: readonly FileContent[];
}

export interface RequestTemplate {
  /** @throws MillraceError `VARIABLE_UNRESOLVED` before anything is sent */
  render(input: RenderInput): HttpRequest;
  /** Whether a text has a variable of the scope. */
  uses(scope: string): boolean;
}

/**
 * @param where names the options in messages about templates
 * @param refused names the job and the path to the options in refusals
 * @param baseUrl of the connection
 * @throws MillraceError `JOB_INVALID` for a template that cannot be read, and for pages that no variable asks for
 */
export function parseRequest(
  options: HttpSourceOptions,
  where: string,
  refused: { readonly where: string; readonly path: OptionPath } = { where, path: [] },
  baseUrl = "http://connection.invalid",
): RequestTemplate {
  const { url, method = "GET", headers = {}, pagination = { kind: "none" } } = options;
  const name = (option: string): string => `\`${option}\` of ${where}`;
  const isRelative = options.connection !== undefined && url.startsWith("/");
  const address = parseAddress(isRelative ? `${baseUrl.replace(/\/+$/, "")}${url}` : url, name("url"));
  const query = parseValue({ ...options.query }, name("query"));
  const firstQuery = parseValue({ ...options.query, ...options.first?.query }, name("first"));
  const fields = Object.entries(headers).map(([header, text]) => [header, parseTemplate(text, name(header))] as const);
  const body = parseBody(options, name("body"));
  const templates = [
    address.origin,
    address.path,
    ...address.query,
    ...listTemplates(query),
    ...listTemplates(firstQuery),
    ...fields.map(([, template]) => template),
    ...(body === undefined ? [] : listTemplates(body.value)),
  ];
  const wanted = listPageVariables(pagination);
  if (wanted.length > 0 && !wanted.some((one) => templates.some((template) => uses(template, "page", one)))) {
    const variable = wanted.map((one) => `\`{{page.${one}}}\``).join(" or ");
    throw refusal(
      refused.where,
      [...refused.path, "pagination"],
      `one whose variable ${variable} the request sends`,
      pagination,
      {
        hint: "without it the service would be asked for the first page again and again",
      },
    );
  }
  return {
    uses: (scope) => templates.some((template) => uses(template, scope)),
    render: ({ page, variables: given, secretScopes, files = [] }) => {
      const variables = { ...given, page: page.variables };
      const target = page.url === undefined ? renderAddress(address, variables, name("url")) : new URL(page.url);
      const asked = given["watermark"] === undefined ? firstQuery : query;
      if (page.url === undefined || page.merge === true)
        addQuery(target, renderParameters(asked, variables, name("query")));
      const timeoutMs = parseDuration(options.timeout ?? "60s");
      return {
        method,
        url: target.href,
        headers: renderHeaders(fields, variables, where, method === "GET" ? undefined : body?.contentType),
        ...(body === undefined ? {} : { body: renderBody(body, options, { variables, files, where: name("body") }) }),
        timeouts: { headersMs: timeoutMs, idleMs: timeoutMs },
        redirectOrigins: options.origins ?? [],
        secretParameters: listSecretParameters(asked, address, secretScopes),
      };
    },
  };
}

interface BodyTemplate {
  readonly kind: "json" | "form" | "text" | "multipart" | "file";
  readonly value: ParsedValue;
  readonly contentType: string | undefined;
}

function parseBody({ body }: HttpSourceOptions, where: string): BodyTemplate | undefined {
  if (body?.json !== undefined)
    return { kind: "json", value: parseValue(body.json, where), contentType: "application/json" };
  if (body?.form !== undefined) {
    return { kind: "form", value: parseValue(body.form, where), contentType: "application/x-www-form-urlencoded" };
  }
  if (body?.multipart !== undefined) {
    const texts = body.multipart.map((part) => part.text ?? part.file?.path ?? "");
    return { kind: "multipart", value: parseValue(texts, where), contentType: undefined };
  }
  if (body?.file !== undefined)
    return { kind: "file", value: parseValue(body.file.path, where), contentType: undefined };
  return body?.text === undefined
    ? undefined
    : { kind: "text", value: parseValue(body.text, where), contentType: undefined };
}

interface BodyInput {
  readonly variables: Variables;
  readonly files: readonly FileContent[];
  readonly where: string;
}

function renderBody(
  { kind, value }: BodyTemplate,
  { body }: HttpSourceOptions,
  { variables, files, where }: BodyInput,
): HttpBody {
  const toText = (part: ParsedValue): string =>
    part.kind === "template" ? (renderText(part.template, variables, where) ?? "") : "";
  switch (kind) {
    case "json":
      return { raw: renderJson(value, variables, where) };
    case "form":
      return { raw: encodeParameters(renderParameters(value, variables, where)) };
    case "text":
      return { raw: toText(value) };
    case "multipart": {
      const contents = value.kind === "list" ? value.items : [];
      const rest = files.values();
      const parts = (body?.multipart ?? []).map(({ name, file, fileName, contentType }, index) => {
        const content = contents[index];
        const sent = file === undefined ? undefined : nextOf(rest);
        const named = fileName ?? (sent === undefined ? undefined : basename(sent.name));
        return {
          name,
          content: sent ?? (content === undefined ? "" : toText(content)),
          ...(named === undefined ? {} : { fileName: named }),
          ...(contentType === undefined ? {} : { contentType }),
        };
      });
      return { multipart: parts };
    }
    case "file":
      return { file: nextOf(files.values()) };
  }
}

function nextOf(files: Iterator<FileContent>): FileContent {
  const next = files.next();
  if (next.done !== true) return next.value;
  throw new MillraceError("INTERNAL", "a request carries a file, and nobody has looked at it");
}

function renderHeaders(
  fields: readonly (readonly [name: string, template: Template])[],
  variables: Variables,
  where: string,
  contentType: string | undefined,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = contentType === undefined ? {} : { "content-type": contentType };
  for (const [name, template] of fields) {
    const text = renderText(template, variables, `\`${name}\` of ${where}`);
    if (text === undefined) continue;
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text)) {
      throw new MillraceError(
        "VARIABLE_UNRESOLVED",
        `header \`${name}\` of ${where} has a character that no header can have`,
      );
    }
    headers[name.toLowerCase()] = text;
  }
  return headers;
}

function addQuery(url: URL, parameters: ReturnType<typeof renderParameters>): void {
  const text = encodeParameters(parameters);
  if (text !== "") url.search = url.search === "" ? text : `${url.search.slice(1)}&${text}`;
}

/** Names of parameters whose value comes out of a secret. */
function listSecretParameters(query: ParsedValue, address: AddressTemplate, scopes: readonly string[]): string[] {
  const isSecret = (template: Template): boolean => scopes.some((scope) => uses(template, scope));
  const fields = query.kind === "object" ? query.fields : [];
  const named = fields.flatMap(([name, value]) => (listTemplates(value).some(isSecret) ? [name] : []));
  const inAddress = address.query.flatMap((template) => {
    const [first] = template;
    return typeof first === "string" && isSecret(template) ? [first.split("=")[0] ?? ""] : [];
  });
  return [...named, ...inAddress];
}

function uses(template: Template, scope: string, name?: string): boolean {
  return listVariables(template).some(({ path }) => path[0] === scope && (name === undefined || path[1] === name));
}
