// Where the CRM is: at the address in `url.txt`, if somebody has put one there, or a stand-in for as long as the command runs.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startCrmService } from "./service.ts";

const file = join(import.meta.dirname, "url.txt");

export const crmUrl: string = existsSync(file) ? readFileSync(file, "utf8").trim() : (await startCrmService()).url;
