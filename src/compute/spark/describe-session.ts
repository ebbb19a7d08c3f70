// What people need to find the work of a run on Spark's own screens.
import { parseConnectAddress } from "./connect/connect-address.ts";
import type { ConnectSession } from "./connect/connect-session.ts";

export interface SessionPlace {
  /** `sc://host:port/;token=…`; nothing of it but host and port is told. */
  readonly address: string;
  /** Address of Spark's own screens, in which `{app}` stands for the id of the application. */
  readonly ui?: string | undefined;
  /** That all statements have. */
  readonly tag: string;
  readonly signal: AbortSignal;
}

/** A text for people, such as ``Spark 4.2.0 at `spark.internal:15002`, application `app-7`, tag `millrace:r7`: https://…``. */
export async function describeSession(
  session: ConnectSession,
  { address, ui, tag, signal }: SessionPlace,
): Promise<string> {
  const { host, port } = parseConnectAddress(address);
  // not every service tells it
  const application = (await session.settings([applicationKey], { signal })).get(applicationKey);
  const named = application === undefined ? "" : `, application \`${application}\``;
  const screens = ui === undefined ? "" : `: ${ui.replaceAll("{app}", encodeURIComponent(application ?? ""))}`;
  return `Spark ${session.version} at \`${host}:${port}\`${named}, tag \`${tag}\`${screens}`;
}

const applicationKey = "spark.app.id";
