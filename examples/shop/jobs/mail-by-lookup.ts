// The stateless mail worker: asks the user service for each address, many in one request, and keeps answers for a moment.
import { defineLookup, streamJob } from "millrace";
import { sendMail } from "../shop/send-mail.ts";
import { shopUrl } from "../shop/url.ts";
import { mails } from "../topics.ts";

const userService = defineLookup({
  name: "user_service",
  ttl: "10s",
  async load(ids: readonly string[], { signal }) {
    const response = await fetch(`${shopUrl}/users?ids=${ids.join(",")}`, { signal });
    return new Map(Object.entries((await response.json()) as Record<string, string>));
  },
});

export default streamJob({
  name: "mail_by_lookup",
  topic: mails,
  lanes: 16,
  async handle({ userId, content }, ctx) {
    const to = await ctx.lookup(userService, userId);
    await sendMail({ id: `lookup/${ctx.record.id}`, sender: "mail_by_lookup", to: to ?? "nobody", content });
  },
});
