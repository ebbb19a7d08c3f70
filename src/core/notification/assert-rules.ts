// What no option of a rule can tell by itself: the channels that it names are there.
import { namePattern } from "../name.ts";
import { suggest } from "../errors/suggest.ts";
import { MillraceError } from "../errors/errors.ts";
import { refusal } from "../spec/parse-options.ts";
import { assertChannel } from "./assert-channel.ts";
import type { ChannelOptions } from "./channel-options.ts";
import type { NotificationRule } from "./notification-rule.ts";

/** @throws MillraceError `CONFIG_INVALID` naming the option */
export function assertChannels(where: string, channels: Readonly<Record<string, ChannelOptions>>): void {
  for (const [name, channel] of Object.entries(channels)) {
    if (!namePattern.test(name)) {
      const expected = "an object by names of lower case letters, digits and `_`";
      throw refusal(where, ["channels"], expected, name, { code: "CONFIG_INVALID" });
    }
    assertChannel(where, ["channels", name], channel, "CONFIG_INVALID");
  }
}

/** @throws MillraceError `CONFIG_INVALID` for a channel that is not there, with the nearest that is */
export function assertRules(
  where: string,
  {
    channels,
    notifications,
  }: {
    readonly channels: Readonly<Record<string, ChannelOptions>>;
    readonly notifications: readonly NotificationRule[];
  },
): void {
  const known = Object.keys(channels);
  for (const [index, { to, escalate, quietHours }] of notifications.entries()) {
    const rule = ["notifications", index];
    const named = [
      ...to.map((name, at) => ({ name, path: [...rule, "to", at] })),
      ...(escalate?.to ?? []).map((name, at) => ({ name, path: [...rule, "escalate", "to", at] })),
    ];
    const unknown = named.find(({ name }) => !known.includes(name));
    if (unknown !== undefined) {
      const message = `\`${unknown.path.join(".")}\` of ${where} names unknown channel \`${unknown.name}\`${suggest(unknown.name, known)}`;
      throw new MillraceError("CONFIG_INVALID", message, {
        hint: channelsHint(known),
        details: { option: unknown.path },
      });
    }
    if (quietHours !== undefined && quietHours.from === quietHours.to) {
      const expected = "another time than `from`, or nobody would ever be told";
      throw refusal(where, [...rule, "quietHours", "to"], expected, quietHours.to, { code: "CONFIG_INVALID" });
    }
  }
}

/** Which channels there are, for whoever named another one. */
export function channelsHint(known: Iterable<string>): string {
  const names = [...known];
  if (names.length === 0) return "declare it under `channels` of millrace.config.ts";
  return `\`channels\` of millrace.config.ts has: ${names.join(", ")}`;
}
