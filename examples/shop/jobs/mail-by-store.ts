// The stateful mail worker: it listens to what people tell of themselves and keeps their addresses in a local store, so it sends mail
// also while the user service is away. What it knows may be a moment old.
import { defineStore, type StoreState, streamJob } from "millrace";
import { sendMail } from "../shop/send-mail.ts";
import { mails, users } from "../topics.ts";

const addresses = defineStore({
  name: "addresses",
  topic: users,
  apply: (store: StoreState<string>, user) => store.set(user.id, user.email),
});

export default streamJob({
  name: "mail_by_store",
  topic: mails,
  stores: [addresses],
  async handle({ userId, content }, ctx) {
    const to = ctx.store(addresses).get(userId);
    await sendMail({ id: `store/${ctx.record.id}`, sender: "mail_by_store", to: to ?? "nobody", content });
  },
});
