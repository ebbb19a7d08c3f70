// An advertising service that takes conversions: a stand-in for a real one. It asks for a token, knows idempotency keys, refuses
// conversions without a value, and once loses the connection after it has done what it was asked to.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that the service has carried out. */
export interface Upload {
  readonly key: string;
  readonly customer: string;
  readonly conversions: readonly { readonly gclid: string; readonly value: number }[];
}

export interface AdsService {
  readonly url: string;
  /** In their order. */
  readonly uploads: readonly Upload[];
  close(): void;
}

const token = "ads-token-91c4f2";

export interface AdsServiceOptions {
  /** Whether the answer to the third upload is lost. */
  readonly losesOne?: boolean;
}

/** Listens on a port of its own. */
export async function startAdsService({ losesOne = false }: AdsServiceOptions = {}): Promise<AdsService> {
  const uploads: Upload[] = [];
  let isToLose = losesOne;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const route = `${request.method} ${request.url}`;
      if (route === "POST /oauth/token") return send(response, 200, { access_token: token, expires_in: 3600 });
      if (request.headers.authorization !== `Bearer ${token}`) return send(response, 401, { error: "who are you?" });
      const customer = /^POST \/customers\/(\d+)\/conversions$/.exec(route)?.[1];
      if (customer === undefined) return send(response, 404, { error: "no such thing" });
      const key = String(request.headers["idempotency-key"]);
      const { conversions } = JSON.parse(body) as Upload;
      if (!uploads.some((upload) => upload.key === key)) uploads.push({ key, customer, conversions });
      if (isToLose && uploads.length === 3) {
        isToLose = false;
        request.socket.destroy();
        return;
      }
      send(response, 200, answer(conversions));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // a command ends although the service still listens
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, uploads, close: () => void server.close() };
}

/** A batch of which all was taken has no `partialFailure` at all. */
function answer(conversions: Upload["conversions"]): object {
  const errors = conversions.flatMap(({ gclid, value }) =>
    value > 0 ? [] : [{ gclid, code: "VALUE_MUST_BE_POSITIVE" }],
  );
  const job = { job: { taken: conversions.length - errors.length } };
  return errors.length === 0 ? job : { ...job, partialFailure: { errors } };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
