// A topic of Amazon SNS, by its query API. A FIFO topic keeps the order of what a message is about and takes a repetition within five
// minutes for the same message; another topic has the id as an attribute.
import type { Resolved } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SnsChannelOptions } from "../../core/notification/channel-options.ts";
import { signAws } from "../../connections/s3/s3-signature.ts";
import type { Channel, ChannelServices } from "../channel.ts";
import { postMessage } from "../http/post-message.ts";
import { toSnsParameters } from "./sns-parameters.ts";

export function createSnsChannel(options: Resolved<SnsChannelOptions>, services: ChannelServices): Channel {
  const { topicArn, accessKeyId, secretAccessKey, sessionToken } = options;
  const region = options.region ?? topicArn.split(":")[3] ?? "us-east-1";
  const url = new URL("/", options.endpoint ?? `https://sns.${region}.amazonaws.com${suffixOf(topicArn)}`).href;
  if (accessKeyId === undefined || secretAccessKey === undefined) throw keysMissing();
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const sign = signAws(keys, { region, service: "sns", signed: /^x-amz-/i });
  return {
    send: async (message, signal) => {
      const body = new URLSearchParams(toSnsParameters(message, topicArn, services.origin)).toString();
      const contentType = "application/x-www-form-urlencoded; charset=utf-8";
      const headers = await sign(
        { method: "POST", url, headers: { "content-type": contentType }, body },
        services.now(),
      );
      try {
        await postMessage({ url, body, contentType, headers, saysWhy: true }, services, signal);
      } catch (thrown) {
        throw toSnsError(thrown);
      }
      return {};
    },
  };
}

// Amazon says with status 400 that it wants a pause, and within XML what is wrong.
function toSnsError(thrown: unknown): unknown {
  if (!(thrown instanceof MillraceError)) return thrown;
  const answer = typeof thrown.details?.["answer"] === "string" ? thrown.details["answer"] : "";
  const code = /<Code>([\w.]{1,100})<\/Code>/.exec(answer)?.[1];
  if (code === undefined) return thrown;
  const text = /<Message>([^<]{1,300})/.exec(answer)?.[1];
  const message = `SNS answered \`${code}\`${text === undefined ? "" : `: ${text}`}`;
  const details = { status: thrown.details?.["status"], code };
  const wait = thrown.retryAfterMs === undefined ? {} : { retryAfterMs: thrown.retryAfterMs };
  if (/Throttl/.test(code)) return new MillraceError("RATE_LIMITED", message, { details, ...wait });
  return new MillraceError(thrown.code, message, { details, errorClass: thrown.errorClass, ...hintOf(code), ...wait });
}

function hintOf(code: string): { readonly hint?: string } {
  const hint = hints[code];
  return hint === undefined ? {} : { hint };
}

const hints: Readonly<Record<string, string>> = {
  NotFound: "compare `topicArn` with the topics of the account and region",
  AuthorizationError: "allow the key `sns:Publish` on the topic",
  InvalidClientTokenId: "renew the keys of the channel",
  SignatureDoesNotMatch: "compare the keys and the region of the channel",
  ExpiredToken: "renew the session token of the channel",
};

function suffixOf(topicArn: string): string {
  return topicArn.startsWith("arn:aws-cn:") ? ".cn" : "";
}

function keysMissing(): MillraceError {
  return new MillraceError("SECRET_MISSING", "the channel has no keys to sign with", {
    hint: "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` where workers run, or declare both keys",
  });
}
