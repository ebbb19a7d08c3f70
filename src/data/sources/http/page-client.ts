// Sends the requests of one source with its credentials. They are put on each request at the last moment, so that plans and
// messages never see them.
import type { SendCall } from "../../../connections/http-connection.ts";
import type { HttpRequest } from "../../../connections/http/http-request.ts";
import type { HttpResponse } from "../../../connections/http/http-response.ts";
import { createHttpAgent } from "../../../connections/http/http-agent.ts";
import { sendRequest } from "../../../connections/http/send-request.ts";
import type { SourceConnection } from "../../source.ts";
import type { Variables } from "../../../core/dataset/variables.ts";
import { encodeParameter } from "../../requests/request-address.ts";
import { parseTemplate } from "../../requests/template.ts";
import { renderText } from "../../requests/variables.ts";
import type { HttpSourceAuth, HttpSourceOptions } from "./options.ts";

/** Has a lifecycle: its sockets are closed when it is disposed of. */
export interface PageClient extends AsyncDisposable {
  /** Sends once, whatever comes. @param variables that credentials may be made of @throws MillraceError as `sendRequest` */
  send(request: HttpRequest, variables: Variables, call: SendCall): Promise<HttpResponse>;
}

export function createPageClient({ auth }: HttpSourceOptions, where: string): PageClient {
  const agent = createHttpAgent();
  return {
    send: async (request, variables, call) =>
      await sendRequest(authorize(request, auth, variables, where), { ...call, agent }),
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

/** The connection is shared, and closed by whoever owns it. */
export function connectedClient(connection: SourceConnection): PageClient {
  return {
    send: async (request, _variables, call) => await connection.send(request, call),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function authorize(
  request: HttpRequest,
  auth: HttpSourceAuth | undefined,
  variables: Variables,
  where: string,
): HttpRequest {
  const render = (text: string): string =>
    renderText(parseTemplate(text, `\`auth\` of ${where}`), variables, `\`auth\` of ${where}`) ?? "";
  if (auth?.bearer !== undefined) return withHeader(request, "authorization", `Bearer ${render(auth.bearer)}`);
  if (auth?.basic !== undefined) {
    const pair = `${render(auth.basic.user)}:${render(auth.basic.password)}`;
    return withHeader(request, "authorization", `Basic ${Buffer.from(pair).toString("base64")}`);
  }
  if (auth?.apiKey === undefined) return request;
  const { header, query, value } = auth.apiKey;
  if (header !== undefined) return withHeader(request, header.toLowerCase(), render(value));
  const name = query ?? "";
  const url = new URL(request.url);
  const parameter = `${encodeParameter(name)}=${encodeParameter(render(value))}`;
  url.search = url.search === "" ? parameter : `${url.search.slice(1)}&${parameter}`;
  return { ...request, url: url.href, secretParameters: [...(request.secretParameters ?? []), name] };
}

function withHeader(request: HttpRequest, name: string, value: string): HttpRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}
