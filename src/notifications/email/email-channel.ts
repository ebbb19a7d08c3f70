// Mail by SMTP. The Message-ID is made from the id of the message, so that a repetition has the same.
import type { Resolved } from "../../core/connection/secret.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { EmailChannelOptions } from "../../core/notification/channel-options.ts";
import type { NotificationMessage } from "../../core/notification/notice.ts";
import type { Channel, ChannelServices, MessageOrigin } from "../channel.ts";
import { boundedId } from "../text/bounded-id.ts";
import { describeMessage, toPlainText } from "../text/describe-message.ts";
import { sendBySmtp, type SmtpRefusal } from "./smtp-session.ts";

export function createEmailChannel(options: Resolved<EmailChannelOptions>, { origin }: ChannelServices): Channel {
  return {
    send: async (message, signal) => {
      const content = await compose(message, options, origin);
      const refused = await sendBySmtp(
        options,
        { from: bare(options.from), to: options.to.map(bare), content },
        signal,
      );
      return refused.length === 0 ? {} : { partly: partlyRefused(refused, options.to.length) };
    },
  };
}

async function compose(
  message: NotificationMessage,
  { from, to }: Resolved<EmailChannelOptions>,
  origin: MessageOrigin,
): Promise<Buffer> {
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const text = describeMessage(message, origin);
  const domain = bare(from).split("@")[1] ?? "localhost";
  const about = boundedId(`${origin.project}/${message.thread}`.replaceAll(/[^!#-'*+\-/-9A-Z^-~]/g, "_"), 120);
  const mail = new MailComposer({
    from,
    to: [...to],
    subject: text.title,
    text: `${toPlainText(text)}\n`,
    messageId: `<${message.uid}@${domain}>`,
    // programs show what is about the same as one conversation
    references: `<${about}@${domain}>`,
    date: new Date(message.notices[0]?.atMs ?? 0),
    headers: { "Auto-Submitted": "auto-generated", "X-Millrace-Id": message.uid },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return await mail.compile().build();
}

function partlyRefused(refused: readonly SmtpRefusal[], recipients: number): MillraceError {
  const list = refused.map(({ address, reply }) => `\`${address}\` (${reply})`).join(", ");
  return new MillraceError(
    "RECIPIENTS_REFUSED",
    `${refused.length} of ${recipients} recipients were refused: ${list}`,
    {
      hint: "correct `to` of the channel; the others have got the mail",
    },
  );
}

/** `Ops <ops@example.com>` → `ops@example.com` */
function bare(address: string): string {
  return /<([^>]*)>$/.exec(address)?.[1] ?? address;
}
