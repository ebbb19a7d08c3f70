// Sends the requests of one source with its credentials. They are put on each request at the last moment, so that plans and
// messages never see them.
import type { SendCall } from "../../../connections/http-connection.ts";
import type { HttpRequest } from "../../../connections/http/http-request.ts";
import type { HttpResponse } from "../../../connections/http/http-response.ts";
import { createHttpAgent } from "../../../connections/http/http-agent.ts";
import { sendRequest } from "../../../connections/http/send-request.ts";
import type { SourceConnection, SourceOpening } from "../../source.ts";
import type { Variables } from "../../../core/dataset/variables.ts";
import { encodeParameter } from "../../requests/request-address.ts";
import { parseTemplate } from "../../requests/template.ts";
import { renderText } from "../../requests/variables.ts";
import type { HttpSourceAuth, HttpSourceOptions } from "./options.ts";

/** Has a lifecycle: its sockets are closed when it is disposed of. */
export interface PageClient extends AsyncDisposable {
  /** Sends once, whatever comes. @throws MillraceError as `sendRequest` */
  send(request: HttpRequest, call: SendPageCall): Promise<HttpResponse>;
  /** Nothing is sent for that long by anybody with the same credentials; absent where a source has its own. */
  pause?(forMs: number): Promise<void>;
}

export interface SendPageCall extends Pick<
  SendCall,
  "signal" | "observer" | "beforeSend" | "isUncached" | "cost" | "freshSinceMs"
> {
  /** What credentials may be made of. */
  readonly variables: Variables;
  /** Whether the request goes to somebody who gets no credentials. */
  readonly isForeign: boolean;
}

export function createPageClient(
  { auth }: HttpSourceOptions,
  where: string,
  { tape, onSecret }: Pick<SourceOpening, "tape" | "onSecret">,
): PageClient {
  const agent = createHttpAgent({ tape });
  return {
    send: async (request, { variables, signal, observer, beforeSend, isForeign }) => {
      for (const secret of listCredentials(auth, variables, where)) onSecret?.(secret);
      const authorized = isForeign ? request : authorize(request, auth, variables, where);
      await beforeSend?.();
      return await sendRequest(authorized, { agent, signal, observer });
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

/** What proves who asks, which services quote in their answers. */
function listCredentials(auth: HttpSourceAuth | undefined, variables: Variables, where: string): string[] {
  const { bearer, basic, apiKey } = auth ?? {};
  return [bearer, basic?.password, apiKey?.value].flatMap((text) =>
    text === undefined ? [] : (renderText(parseTemplate(text, where), variables, where) ?? []),
  );
}

/** The connection is shared, and closed by whoever owns it. */
export function connectedClient(connection: SourceConnection): PageClient {
  return {
    send: async (request, { variables: _variables, isForeign: _isForeign, ...call }) =>
      await connection.send(request, call),
    pause: async (forMs) => await connection.pause?.(forMs),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Puts the credentials of the source on a request. @throws MillraceError `VARIABLE_UNRESOLVED` */
export function authorize(
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
