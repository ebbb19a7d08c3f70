// Keeps the session of the browser: it trades a token in the address (`#token=…`) or from the login screen for a cookie that
// scripts cannot read. The token leaves the address first, so that it is neither kept in the history nor sent on.
import { type QueryClient, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import type { Role } from "../../api/role.ts";
import type { Session } from "../../api/session.ts";
import { call } from "./api-client.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import { refusalOf } from "../../client/refusal.ts";
import { mayCall, type ActionRoute } from "./permissions.ts";
import { setServerClock } from "./server-clock.ts";

export const sessionKey: readonly unknown[] = ["showSession"];

const refusedKey: readonly unknown[] = ["addressRefused"];

/**
 * Takes the token out of the address bar and trades it for a cookie.
 * @returns whether that worked; without a token nothing happens, and the login screen says that one was refused
 */
export async function redeemTokenOfAddress(client: QueryClient): Promise<boolean> {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return false;
  history.replaceState(history.state, "", location.pathname + location.search);
  const isRedeemed = await logIn(token).then(
    () => true,
    () => false,
  );
  client.setQueryData(refusedKey, !isRedeemed);
  return isRedeemed;
}

/** Tells whether the server refused the token in the address that led here; one of `millrace dev` works once. */
export function useIsAddressRefused(): boolean {
  return useQuery({ queryKey: refusedKey, queryFn: () => false, enabled: false }).data === true;
}

/** A link with a token that is pasted into an open tab loads no page anew: only the part behind `#` changes. */
export function redeemTokensToCome(client: QueryClient): void {
  addEventListener("hashchange", () => {
    // Whatever was answered before was answered to somebody else.
    void redeemTokenOfAddress(client).then((isRedeemed) => (isRedeemed ? client.resetQueries() : undefined));
  });
}

/** @throws MillraceError when the token is wrong, expired or revoked */
export async function logIn(token: string): Promise<Session> {
  return noteClock(await call("createSession", { body: { token } }));
}

/** The session; null means that nobody is logged in. */
export function useSessionQuery(): UseQueryResult<Session | null, MillraceError> {
  return useQuery<Session | null, MillraceError>({
    queryKey: sessionKey,
    queryFn: async ({ signal }) => {
      try {
        return noteClock(await call("showSession", { signal }));
      } catch (error) {
        if (refusalOf(error)?.status === 401) return null;
        throw error;
      }
    },
    staleTime: 5 * 60_000,
  });
}

/** Below the shell there is always a session. */
export function useSession(): Session {
  const client = useQueryClient();
  const { data } = useSessionQuery();
  const session = data ?? client.getQueryData<Session>(sessionKey);
  return session ?? anonymous;
}

export function useRole(): Role {
  return useSession().role;
}

/** Tells whether the caller may use an operation, so that what is refused anyway is not offered. */
export function useMayCall(name: ActionRoute, force = false): boolean {
  return mayCall(useRole(), name, force);
}

const anonymous: Session = {
  name: "",
  role: "viewer",
  expires_at: null,
  server: {
    version: "",
    project: "",
    environment: null,
    production: false,
    store: "sqlite",
    now: "1970-01-01T00:00:00.000Z",
  },
};

function noteClock(session: Session): Session {
  setServerClock(session.server.now);
  return session;
}
