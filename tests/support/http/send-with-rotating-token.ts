// One request with a rotating token, over a store in a file, as a process of its own would send it.
import { HttpConnection } from "../../../src/connections/http-connection.ts";
import { createSecretSeal } from "../../../src/connections/registry/secret-seal.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import type { ConnectionStore } from "../../../src/store/connections/connection-store.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";

export interface RotatingSend {
  /** The store file. */
  readonly path: string;
  readonly origin: string;
  readonly holder: string;
  /** How far the clock is ahead. */
  readonly skewMs: number;
  /** Called before and after each call of the store that takes or saves a token. */
  readonly onStep?: () => void;
}

/** @returns the status of the answer */
export async function sendWithRotatingToken({ path, origin, holder, skewMs, onStep }: RotatingSend): Promise<number> {
  const clock = { ...createSystemClock(), now: () => Date.now() + skewMs };
  await using store = await createSqliteStore({ path, clock });
  const auth = { refreshToken: { tokenUrl: `${origin}/token`, clientId: "me", refreshToken: "refresh-0" } };
  const seal = createSecretSeal(["the key of all processes"]);
  const services = { clock, seal, holder, store: withSteps(store, onStep), onSecret: () => undefined };
  await using connection = new HttpConnection("crm", { baseUrl: origin, auth }, services);
  const { status, body } = await connection.send({ method: "GET", url: "/rows" });
  body.destroy();
  return status;
}

function withSteps(store: ConnectionStore, onStep: (() => void) | undefined): ConnectionStore {
  const around = async <T>(call: () => Promise<T>): Promise<T> => {
    onStep?.();
    const result = await call();
    onStep?.();
    return result;
  };
  return {
    findConnection: (name) => store.findConnection(name),
    findCredential: (name) => store.findCredential(name),
    takeCredential: (...request) => around(() => store.takeCredential(...request)),
    saveCredential: (save) => around(() => store.saveCredential(save)),
    releaseCredential: (...request) => store.releaseCredential(...request),
    readQuotaBlock: (name) => store.readQuotaBlock(name),
    blockQuota: (...request) => store.blockQuota(...request),
    takeQuota: (take) => store.takeQuota(take),
  };
}
