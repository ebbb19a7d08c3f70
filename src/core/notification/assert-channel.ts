// What no option of a channel can tell by itself.
import { isSecretReference, type Secret } from "../connection/secret.ts";
import type { ErrorCode } from "../errors/error-codes.ts";
import { type OptionPath, refusal } from "../spec/parse-options.ts";
import { channelKinds, type ChannelOptions } from "./channel-options.ts";

/** @param where the channel belongs to, for messages @throws MillraceError with that code, naming the option */
export function assertChannel(where: string, path: OptionPath, channel: ChannelOptions, code: ErrorCode): void {
  const refuse = (inside: OptionPath, expected: string, got: string): Error =>
    refusal(where, [...path, ...inside], expected, got, { code });
  const kinds = channelKinds.filter((kind) => channel[kind] !== undefined);
  if (kinds.length !== 1) {
    const known = channelKinds.map((kind) => `\`${kind}\``).join(", ");
    throw refuse([], `an object with exactly one of ${known}`, kinds.join(", ") || "none");
  }
  const { email, slack, sns, pagerduty, webhook } = channel;
  if (email !== undefined && (email.user === undefined) !== (email.password === undefined)) {
    const got = email.user === undefined ? "password" : "user";
    throw refuse(["email"], "an object with both `user` and `password`, or neither", got);
  }
  if (sns !== undefined && (sns.accessKeyId === undefined) !== (sns.secretAccessKey === undefined)) {
    const got = sns.accessKeyId === undefined ? "secretAccessKey" : "accessKeyId";
    throw refuse(["sns"], "an object with both `accessKeyId` and `secretAccessKey`, or neither", got);
  }
  if (slack !== undefined && !isAddress(slack.url)) throw refuse(["slack", "url"], anAddress, untold);
  if (webhook !== undefined && !isAddress(webhook.url)) throw refuse(["webhook", "url"], anAddress, untold);
  if (sns?.endpoint !== undefined && !isAddress(sns.endpoint))
    throw refuse(["sns", "endpoint"], anAddress, sns.endpoint);
  if (pagerduty?.endpoint !== undefined && !isAddress(pagerduty.endpoint))
    throw refuse(["pagerduty", "endpoint"], anAddress, pagerduty.endpoint);
}

const anAddress = "an http or https address";
/** An address of a webhook is a secret. */
const untold = "what is not told here";

// What is in the environment is looked at when it is used.
function isAddress(address: Secret): boolean {
  if (isSecretReference(address)) return true;
  return /^https?:$/.test(URL.parse(address)?.protocol ?? "");
}
