// An open project as a server: fits the app to what the server asks for, and finds the built UI.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { App } from "./app.ts";
import { type Environment, listSecrets } from "../config.ts";
import { createSecretRedactor } from "../core/errors/secret-redactor.ts";
import { createSystemClock } from "../platforms/local/system-clock.ts";
import { startServer, type StartServerOptions } from "../server/http/start-server.ts";
import { toServerServices } from "./to-server-services.ts";

export interface ServeOptions extends Pick<
  StartServerOptions,
  "host" | "port" | "auth" | "allowedHosts" | "trustProxy" | "logLevel"
> {
  /** What it says must never be shown. */
  readonly environment: Pick<Environment, "passwords" | "secretKey" | "token">;
}

/** Disposing it finishes the requests that have begun. */
export interface Serving extends AsyncDisposable {
  /** `http://127.0.0.1:4680` */
  readonly url: string;
  /** Logs one browser in, once; `undefined` while there are tokens to log in with. */
  readonly loginUrl: string | undefined;
}

/** @throws MillraceError `SERVER_REFUSED` for an address in use, and for an open one without tokens */
export async function serve(app: App, { environment, ...options }: ServeOptions): Promise<Serving> {
  const uiFolder = findUi();
  const server = await startServer({
    ...options,
    services: toServerServices(app),
    clock: createSystemClock(),
    redactor: createSecretRedactor(listSecrets(environment)),
    ...(uiFolder === undefined ? {} : { uiFolder }),
  });
  const { url, oneTimeToken } = server;
  return {
    url,
    loginUrl: oneTimeToken === undefined ? undefined : `${url}/#token=${encodeURIComponent(oneTimeToken)}`,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

// Beside the compiled program; of the source, which runs as it is, where the build puts it.
function findUi(): string | undefined {
  const place = import.meta.url.endsWith(".ts") ? "../../dist/web" : "../web";
  const folder = fileURLToPath(new URL(place, import.meta.url));
  return existsSync(join(folder, "index.html")) ? folder : undefined;
}
