// Where the services are: at the address in `url.txt`, if somebody has put one there, or a stand-in for as long as the command runs.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startShopService } from "./service.ts";

const file = join(import.meta.dirname, "url.txt");

/** What was delivered, for the report. */
export const mailbox: string = resolve(import.meta.dirname, "../out/mailbox.ndjson");

export const shopUrl: string = existsSync(file)
  ? readFileSync(file, "utf8").trim()
  : (await startShopService(mailbox)).url;
