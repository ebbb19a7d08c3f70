// Defines a handler: a function from the checked input of a route to its response, in the types of src/api/contract.ts.
// The server around it does the guard, the schemas, the audit and the errors.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Contract } from "../api/contract.ts";
import type { Role } from "../api/role.ts";
import type { RouteName } from "../api/routes.ts";
import type { FileStream } from "./file-stream.ts";
import type { TextStream } from "./text-stream.ts";

/** The caller of a request, as the guard found out. */
export interface Caller {
  /** Name of the token; the actor in the audit and in the history of runs. */
  readonly name: string;
  readonly role: Role;
  readonly tokenId: string;
}

export interface CallContext {
  readonly caller: Caller;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** Over HTTP; for the few handlers that keep cookies. */
  readonly exchange?: { readonly request: FastifyRequest; readonly reply: FastifyReply };
}

type Part<Name extends RouteName, Key extends string> = Contract[Name] extends { readonly [K in Key]: infer Value }
  ? Value
  : undefined;

export interface CallInput<Name extends RouteName> {
  readonly params: Part<Name, "params">;
  readonly query: Part<Name, "query">;
  readonly body: Part<Name, "body">;
}

/** What a handler gives: the response of the contract, or a stream where that is text. */
export type HandlerResult<Name extends RouteName> = Contract[Name]["response"] extends string
  ? TextStream | FileStream
  : Contract[Name]["response"];

/**
 * @throws MillraceError whose code decides the status, see problem-details.ts. Its `details` may say more to the client:
 * `allowed` (names of actions, with 409) and `issues` (`{ path, message }`, with 400).
 */
export type Handler<Name extends RouteName> = (
  input: CallInput<Name>,
  context: CallContext,
) => Promise<HandlerResult<Name>>;

/** The handlers of a resource, by operation id. */
export type Handlers<Names extends RouteName> = { readonly [Name in Names]: Handler<Name> };
