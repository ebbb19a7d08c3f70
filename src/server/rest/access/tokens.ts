// Tokens and the audit. The store never sees a secret, and no answer but the first one shows it.
import type { AuditPage, AuditQuery, CreatedToken, TokenView } from "../../../api/session.ts";
import { parseDuration } from "../../../core/duration.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { TokenRecord } from "../../../store/access/access-store.ts";
import type { Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";
import { createTokenParts, formatToken, hashSecret } from "../../access/token-secret.ts";

type TokenRoutes = "listTokens" | "createToken" | "revokeToken" | "listAudit";

const dayMs = 86_400_000;
const defaultLifetime = "90d";
const maxLifetimeMs = 365 * dayMs;
const defaultLimit = 50;
/** A filter may spread a page over the whole audit; so many of its newest entries are held against the chain. */
const maxVerified = 5_000;

/** @param onRevoked ends what was opened with the token */
export function createTokenHandlers(
  { store }: Pick<ServerServices, "store">,
  onRevoked: (tokenId: string) => void = () => undefined,
): Handlers<TokenRoutes> {
  return {
    async listTokens() {
      return { items: (await store.listTokens()).map(toTokenView) };
    },

    async createToken({ body: { name, role, expires_in = defaultLifetime } }, { caller }): Promise<CreatedToken> {
      const nowMs = await store.readClockMs();
      const expiresAtMs = nowMs + parseLifetime(expires_in);
      assertFreeName(name, await store.listTokens(), nowMs);
      const parts = createTokenParts();
      const { id } = parts;
      await store.addToken({
        id,
        name,
        role,
        secretHash: await hashSecret(parts.secret),
        createdBy: caller.name,
        expiresAtMs,
      });
      const record = await store.findToken(id);
      if (record === undefined) throw new MillraceError("INTERNAL", `the new token is not in the store: \`${id}\``);
      return { ...toTokenView(record), secret: formatToken(parts) };
    },

    async revokeToken({ params: { token_id } }, { caller }) {
      const isRevoked = await store.revokeToken(token_id, caller.name);
      if (!isRevoked && (await store.findToken(token_id)) === undefined) {
        throw new MillraceError("THING_UNKNOWN", `unknown token \`${token_id}\``, {
          hint: "`millrace token` lists the ids",
        });
      }
      onRevoked(token_id);
      return null;
    },

    listAudit: async ({ query }) => await listAudit(store, query),
  };
}

async function listAudit(
  store: ServerServices["store"],
  { actor, action, cursor, limit = defaultLimit }: AuditQuery,
): Promise<AuditPage> {
  const records = await store.listAudit({
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(cursor === undefined ? {} : { beforeSeq: parseSeq(cursor) }),
    limit: limit + 1,
  });
  const page = records.slice(0, limit);
  const oldest = page.at(-1)?.seq;
  return {
    items: page.map(({ atMs, ...entry }) => ({ ...entry, at: toInstant(atMs) })),
    next_cursor: records.length > limit && oldest !== undefined ? String(oldest) : null,
    chain: (await isIntact(store, oldest, page[0]?.seq)) ? "intact" : "broken",
  };
}

async function isIntact(
  store: ServerServices["store"],
  oldest: number | undefined,
  newest: number | undefined,
): Promise<boolean> {
  if (oldest === undefined || newest === undefined) return true;
  const range = { fromSeq: Math.max(oldest, newest - maxVerified + 1), toSeq: newest };
  return (await store.verifyAudit(range)).brokenAt === undefined;
}

function toTokenView(token: TokenRecord): TokenView {
  return {
    token_id: token.id,
    name: token.name,
    // The table holds what createToken wrote.
    role: token.role as TokenView["role"],
    created_at: toInstant(token.createdAtMs),
    created_by: token.createdBy,
    expires_at: toInstantOrNull(token.expiresAtMs),
    last_used_at: toInstantOrNull(token.lastUsedAtMs),
    revoked_at: toInstantOrNull(token.revokedAtMs),
  };
}

/** Names are the actors of the audit and of histories: of those that are good, each is somebody's. */
function assertFreeName(name: string, tokens: readonly TokenRecord[], nowMs: number): void {
  const isGood = ({ revokedAtMs, expiresAtMs }: TokenRecord): boolean =>
    revokedAtMs === undefined && (expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs;
  const isTaken = tokens.some((token) => token.name.toLowerCase() === name.toLowerCase() && isGood(token));
  if (isTaken) throw requestInvalid({ path: "body.name", message: `there is a token of this name: \`${name}\`` });
  if (reservedNames.has(name.toLowerCase())) {
    throw requestInvalid({ path: "body.name", message: `the name is the server's own: \`${name}\`` });
  }
}

const reservedNames: ReadonlySet<string> = new Set(["local", "anonymous"]);

function parseLifetime(text: string): number {
  const lifetimeMs = parseDuration(text, "expires_in");
  if (lifetimeMs > 0 && lifetimeMs <= maxLifetimeMs) return lifetimeMs;
  throw requestInvalid({
    path: "body.expires_in",
    message: `expected more than nothing and at most 365d, got: \`${text}\``,
  });
}

function parseSeq(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page" });
}
