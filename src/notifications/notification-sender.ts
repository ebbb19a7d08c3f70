// Sends messages through the channels of a project. Secrets are read anew for each message, so that one that was replaced counts at once,
// and are masked in what is sent and in what it fails with.
import { createHttpAgent } from "../connections/http/http-agent.ts";
import type { SecretSources } from "../connections/registry/resolve-secrets.ts";
import { classifyError } from "../core/errors/classify-error.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { createSecretRedactor } from "../core/errors/secret-redactor.ts";
import { suggest } from "../core/errors/suggest.ts";
import type { ChannelOptions } from "../core/notification/channel-options.ts";
import type { NotificationMessage } from "../core/notification/notice.ts";
import type { Delivery, MessageOrigin } from "./channel.ts";
import { openChannel } from "./open-channel.ts";

export interface NotificationSenderOptions {
  /** As they are now. */
  readonly channels: () => ReadonlyMap<string, ChannelOptions>;
  readonly secrets: Omit<SecretSources, "onSecret">;
  readonly origin: MessageOrigin;
  readonly now: () => number;
}

/** Closing it ends the exchanges that are under way. */
export interface NotificationSender extends AsyncDisposable {
  /** As `send` of a channel. @throws MillraceError `CHANNEL_UNKNOWN`, `SECRET_MISSING` and what the channel throws */
  send(message: NotificationMessage, signal: AbortSignal): Promise<Delivery>;
}

export function createNotificationSender(options: NotificationSenderOptions): NotificationSender {
  const agent = createHttpAgent({ maxSockets: 4 });
  const redactor = createSecretRedactor();
  const services = {
    agent,
    now: options.now,
    origin: options.origin,
    onSecret: (secret: string) => void redactor.add(secret),
  };
  return {
    async send(message, signal) {
      try {
        const name = message.channel;
        const channel = await openChannel(name, findChannel(options.channels(), name), options.secrets, services);
        const { partly } = await channel.send(redactor.redact(message, { keys: false }), signal);
        return partly === undefined ? {} : { partly: masked(partly) };
      } catch (thrown) {
        throw masked(classifyError(thrown));
      }
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };

  function masked(error: MillraceError): MillraceError {
    const { code, message, disposition, errorClass, hint, retryAfterMs } = error;
    return new MillraceError(code, redactor.redactText(message), {
      disposition,
      errorClass,
      ...(hint === undefined ? {} : { hint: redactor.redactText(hint) }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

function findChannel(channels: ReadonlyMap<string, ChannelOptions>, name: string): ChannelOptions {
  const found = channels.get(name);
  if (found !== undefined) return found;
  throw new MillraceError("CHANNEL_UNKNOWN", `unknown channel \`${name}\`${suggest(name, channels.keys())}`, {
    hint: "`channels` of millrace.config.ts has those of the project",
  });
}
