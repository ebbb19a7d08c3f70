// The cache of answers: one for the page. Live messages patch or invalidate what is in it, so that answers may stay for a while.
import { QueryCache, QueryClient, MutationCache } from "@tanstack/react-query";
import { refusalOf } from "../../client/refusal.ts";
import { sessionKey } from "./session.ts";

/** An answer is taken as fresh for so long; live messages make it stale earlier. */
const freshMs = 5_000;

/** A refusal with 401 anywhere ends the session, so that the page asks who you are. */
export function createQueryClient(): QueryClient {
  const noticeEndOfSession = (error: unknown): void => {
    if (refusalOf(error)?.status === 401) client.setQueryData(sessionKey, null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: noticeEndOfSession }),
    mutationCache: new MutationCache({ onError: noticeEndOfSession }),
    defaultOptions: {
      queries: { staleTime: freshMs, retry: isWorthRetrying, refetchOnWindowFocus: true, networkMode: "always" },
      mutations: { networkMode: "always" },
    },
  });
  return client;
}

/** Once more after a failure of the server; a refusal will be refused again. */
function isWorthRetrying(failureCount: number, error: unknown): boolean {
  const status = refusalOf(error)?.status ?? 0;
  const isRefusal = status >= 400 && status < 500;
  return !isRefusal && failureCount < 1;
}
