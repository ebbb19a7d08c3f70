// Hands a mail to the mail service. A worker that dies between this and its next commit sends it again, under the same id.
import type { DeliveredMail } from "./service.ts";
import { shopUrl } from "./url.ts";

export async function sendMail(mail: DeliveredMail): Promise<void> {
  const response = await fetch(`${shopUrl}/mails`, { method: "POST", body: JSON.stringify(mail) });
  if (!response.ok) throw new Error(`the mail service answered ${response.status}`);
  await response.arrayBuffer();
}
