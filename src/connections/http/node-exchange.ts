// One exchange by Node's own client, whose body goes when the service says `100 Continue`. undici takes that answer for a broken one
// and ends the connection; data nodes of HDFS give it whether they are asked to or not.
import { request as requestPlain, type ClientRequest, type IncomingMessage } from "node:http";
import { request as requestSecure } from "node:https";
import { Readable } from "node:stream";

/** What an exchange is, of this client and of undici's. */
export interface RawAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

export interface NodeExchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | Readable;
  readonly signal: AbortSignal;
  /** Without a byte in either direction. */
  readonly idleMs: number;
}

/** A service that does not say that it wants the body gets it after that long, as the standard has it. */
const continueMs = 1_000;

/** Follows no redirect and keeps no socket. @throws Error of the system, and the reason of the signal */
export async function exchangeByNode({ url, method, headers, body, signal, idleMs }: NodeExchange): Promise<RawAnswer> {
  const request = url.protocol === "https:" ? requestSecure : requestPlain;
  const sent = request(url, { method, headers: { ...headers, expect: "100-continue" }, signal, agent: false });
  sent.setTimeout(idleMs, () => sent.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })));
  const source = body instanceof Readable ? body : Readable.from([body]);
  const timer = setTimeout(() => source.pipe(sent), continueMs);
  try {
    const message = await answerOf(sent, source, () => {
      clearTimeout(timer);
      source.pipe(sent);
    });
    return { statusCode: message.statusCode ?? 0, headers: message.headers, body: message };
  } finally {
    clearTimeout(timer);
    source.unpipe(sent);
    source.destroy();
  }
}

function answerOf(sent: ClientRequest, source: Readable, onContinue: () => void): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once("continue", onContinue);
    sent.once("response", resolve);
    // also what comes behind the answer, which then says all
    sent.on("error", reject);
    source.once("error", (error) => {
      sent.destroy();
      reject(error);
    });
    sent.flushHeaders();
  });
}
