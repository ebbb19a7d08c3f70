// The token of a server that nobody has made tokens for yet: kept in memory, exchanged for a session once, then dead.
import { createTokenParts, formatToken, isSameText } from "./token-secret.ts";

/** The caller of the sessions that such a token opens. */
export const localCaller = { name: "local", role: "admin", tokenId: "local" } as const;

export interface LocalToken {
  /** Until it was used. */
  readonly text: string | undefined;
  /** @returns whether it was this token, and still good */
  use(text: string): boolean;
}

export function createLocalToken(): LocalToken {
  let text: string | undefined = formatToken({ ...createTokenParts(), id: localCaller.tokenId });
  return {
    get text() {
      return text;
    },
    use(given) {
      if (text === undefined || !isSameText(text, given)) return false;
      text = undefined;
      return true;
    },
  };
}
