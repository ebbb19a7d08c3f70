// Schemas of sessions, tokens, tickets and the audit.
import { z } from "zod";
import { roles } from "../role.ts";
import type { SchemasOf } from "../route-schemas.ts";
import { instantField, jsonField, pageQueryFields } from "./fields.ts";

const role = z.enum(roles).meta({ id: "Role" });

const filterText = z.string().min(1).max(200);

const session = z
  .object({
    name: z.string(),
    role,
    expires_at: instantField.nullable(),
    server: z.object({
      version: z.string(),
      project: z.string(),
      environment: z.string().nullable().describe("the environment that the store belongs to"),
      production: z.boolean(),
      store: z.enum(["sqlite", "postgres"]),
      now: instantField,
    }),
  })
  .meta({ id: "Session" });

const token = z.object({
  token_id: z.string(),
  name: z.string(),
  role,
  created_at: instantField,
  created_by: z.string(),
  expires_at: instantField.nullable(),
  last_used_at: instantField.nullable(),
  revoked_at: instantField.nullable(),
});

const auditEntry = z
  .object({
    seq: z.int(),
    at: instantField,
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    detail: jsonField,
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
      .object({ ticket: z.string().describe("opens one WebSocket as `?ticket=`"), expires_at: instantField })
      .meta({ id: "Ticket" }),
  },
  listTokens: { response: z.object({ items: z.array(token.meta({ id: "Token" })) }) },
  createToken: {
    body: z.strictObject({
      name: z
        .string()
        .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,79}$/u, "expected letters, digits, spaces, `.`, `_`, `@` and `-`")
        .meta({ example: "nightly deploys" }),
      role,
      expires_in: z.string().min(1).max(40).describe("such as `30d`; default `90d`, at most `365d`").optional(),
    }),
    response: token.extend({ secret: z.string().describe("shown this once") }).meta({ id: "CreatedToken" }),
  },
  revokeToken: { params: z.strictObject({ token_id: z.string().min(1).max(200) }), response: z.null() },
  listAudit: {
    query: z.strictObject({ ...pageQueryFields, actor: filterText.optional(), action: filterText.optional() }),
    response: z
      .object({
        items: z.array(auditEntry),
        next_cursor: z.string().nullable(),
        chain: z.enum(["intact", "broken"]).describe("whether the hashes of this page hold and join up"),
      })
      .meta({ id: "AuditPage" }),
  },
};
