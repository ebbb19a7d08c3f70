// A token endpoint that gives another refresh token each time, and forgets the one before when the new one, or the access
// token that came with it, is used for the first time. Everything else wants the newest access token.
import type { Behaviour } from "./behaving-server.ts";
import { answerJson } from "./behaving-server.ts";

export interface RotatingTokens {
  readonly behaviour: Behaviour;
  /** Makes the service refuse the access tokens it gave. */
  expire(): void;
  /** How many it gave. */
  count(): number;
}

/** The first refresh token is `refresh-0`; the n-th answer gives `access-n` and `refresh-n`. */
export function rotatingTokens({ lifetimeSeconds }: { readonly lifetimeSeconds?: number } = {}): RotatingTokens {
  let given = 0;
  let firstValid = 0;
  let refusedUpTo = 0;
  const use = (number: number): boolean => {
    if (!(number >= firstValid && number <= given)) return false;
    firstValid = number;
    return true;
  };
  return {
    count: () => given,
    expire: () => (refusedUpTo = given),
    behaviour: ({ path, headers, body }, response) => {
      if (path === "/token") {
        const number = Number(/refresh-(\d+)/.exec(body)?.[1] ?? -1);
        if (!use(number)) return answerJson(response, { error: "invalid_grant" }, 400);
        given += 1;
        const tokens = {
          access_token: `access-${given}`,
          refresh_token: `refresh-${given}`,
          expires_in: lifetimeSeconds,
        };
        return answerJson(response, tokens);
      }
      const number = Number(/^Bearer access-(\d+)$/.exec(headers.authorization ?? "")?.[1] ?? 0);
      if (number <= refusedUpTo || !use(number)) return answerJson(response, { error: "invalid_token" }, 401);
      answerJson(response, { path });
    },
  };
}
