// An incoming webhook of Slack. It knows no repetitions, so each message shows what it is named by.
import { MillraceError } from "../../core/errors/errors.ts";
import type { SlackChannelOptions } from "../../core/notification/channel-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import type { Channel, ChannelServices } from "../channel.ts";
import { postMessage } from "../http/post-message.ts";
import { toSlackMessage } from "./slack-message.ts";

export function createSlackChannel({ url }: Resolved<SlackChannelOptions>, services: ChannelServices): Channel {
  return {
    send: async (message, signal) => {
      const body = JSON.stringify(toSlackMessage(message, services.origin));
      const answer = await postMessage({ url, body, contentType: "application/json", saysWhy: true }, services, signal);
      // A page that somebody put in between answers with 200, too.
      if (answer.trim() === "ok") return {};
      throw new MillraceError("FORMAT_INVALID", "expected `ok` from Slack, got something else", {
        hint: "compare the address of the channel with the one that Slack shows",
      });
    },
  };
}
