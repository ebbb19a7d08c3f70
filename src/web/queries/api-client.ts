// The server that the page came from: one client for all screens.
import { type ClientCall, createClient, type MillraceClient } from "../../client/api-client.ts";

/** Browsers end what takes longer than about this themselves. */
const timeout = "5m";

export const client: MillraceClient = createClient({ timeout });

/** Calls an operation. @throws MillraceError when the server refuses or does not answer; an abort as it is */
export const call: ClientCall = client.call;
