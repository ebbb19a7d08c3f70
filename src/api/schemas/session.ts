// Schemas of sessions, tokens, tickets and the audit.
import { z } from "zod";
import { roles } from "../routes.ts";
import type { SchemasOf } from "../route-schemas.ts";
import { durationText, instantText, jsonValue, listOf, nameText, pageFields } from "./wire-text.ts";

const role = z.enum(roles).meta({ id: "Role" });

const session = z
  .object({
    name: z.string(),
    role,
    expires_at: instantText.nullable(),
    server: z.object({
      version: z.string(),
      project: z.string(),
      store: z.enum(["sqlite", "postgres"]),
      now: instantText,
    }),
  })
  .meta({ id: "Session" });

const token = z.object({
  token_id: z.string(),
  name: z.string(),
  role,
  created_at: instantText,
  created_by: z.string(),
  expires_at: instantText.nullable(),
  last_used_at: instantText.nullable(),
  revoked_at: instantText.nullable(),
});

const auditEntry = z
  .object({
    seq: z.int(),
    at: instantText,
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    detail: jsonValue,
    outcome: z.enum(["allowed", "denied", "failed"]),
    hash: z.string(),
  })
  .meta({ id: "AuditEntry" });

export const sessionSchemas: SchemasOf<
  | "createSession"
  | "showSession"
  | "endSession"
  | "createTicket"
  | "listTokens"
  | "createToken"
  | "revokeToken"
  | "listAudit"
> = {
  createSession: { body: z.strictObject({ token: z.string().min(1).max(200) }), response: session },
  showSession: { response: session },
  endSession: { response: z.null() },
  createTicket: {
    response: z
      .object({ ticket: z.string().describe("opens one WebSocket as `?ticket=`"), expires_at: instantText })
      .meta({ id: "Ticket" }),
  },
  listTokens: { response: listOf(token.meta({ id: "Token" })) },
  createToken: {
    body: z.strictObject({
      name: z
        .string()
        .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,79}$/u, "expected letters, digits, spaces, `.`, `_`, `@` and `-`")
        .meta({ example: "nightly deploys" }),
      role,
      expires_in: durationText.describe("default `90d`, at most `365d`").optional(),
    }),
    response: token.extend({ secret: z.string().describe("shown this once") }).meta({ id: "CreatedToken" }),
  },
  revokeToken: { params: z.strictObject({ token_id: nameText }), response: z.null() },
  listAudit: {
    query: z.strictObject({ ...pageFields, actor: nameText.optional(), action: nameText.optional() }),
    response: z
      .object({
        items: z.array(auditEntry),
        next_cursor: z.string().nullable(),
        chain: z.enum(["intact", "broken"]).describe("whether the hashes of this page hold and join up"),
      })
      .meta({ id: "AuditPage" }),
  },
};
