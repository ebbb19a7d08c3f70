// Operations on the store of an open project, by the handlers that a server would use. Who runs the command line may do
// everything; what it changes is recorded like a server's calls.
import type { App } from "../../app/app.ts";
import type { Contract } from "../../api/contract.ts";
import type { RouteName } from "../../api/routes.ts";
import { routes } from "../../api/routes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { createSecretRedactor } from "../../core/errors/secret-redactor.ts";
import { toServerServices } from "../../app/to-server-services.ts";
import type { Caller, CallInput, Handler } from "../../server/handler.ts";
import { isFileStream } from "../../server/file-stream.ts";
import { auditedBody, quietBodies } from "../../server/access/audit-trail.ts";
import { createHandlers } from "../../server/http/create-handlers.ts";
import { unmaskedKeys } from "../../server/http/send-answer.ts";
import type { Json } from "../../store/rows/run-records.ts";
import type { CallOf, ControlCalls, ControlPlane, FileRouteName } from "./control-plane.ts";

const redactor = createSecretRedactor();

/** Takes the app over: disposing the one closes the other. @param user for the history and the audit */
export function openLocalControlPlane(app: App, user: string): ControlPlane {
  return {
    ...createLocalCalls(app, user),
    server: undefined,
    async work() {
      const worker = await app.startWorker();
      return { [Symbol.asyncDispose]: () => worker.stop() };
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** For verbs that have the project open themselves. @param user for the history and the audit */
export function createLocalCalls(app: App, user: string): ControlCalls & Pick<ControlPlane, "download"> {
  const handlers: { readonly [Name in RouteName]?: unknown } = createHandlers(toServerServices(app));
  const caller: Caller = { name: user, role: "admin", tokenId: `cli:${user}` };
  const context = { caller, signal: new AbortController().signal, requestId: "cli" };
  return {
    async call<Name extends RouteName>(name: Name, input: CallOf<Name>): Promise<Contract[Name]["response"]> {
      // The handler of a name gives what the contract says for it; none that is called here streams text.
      const handler = handlers[name] as PlainHandler<Name> | undefined;
      if (handler === undefined) throw new MillraceError("ROUTE_UNKNOWN", `\`${name}\` needs a server`);
      const parts = { params: {}, query: {}, body: {}, ...input } as unknown as CallInput<Name>;
      const answer = async (): Promise<Contract[Name]["response"]> => await handler(parts, context);
      const result = routes[name].method === "GET" ? await answer() : await recorded(app, caller, name, parts, answer);
      return redactor.redact(result, { keys: !unmaskedKeys.has(name) });
    },
    async download<Name extends FileRouteName>(name: Name, input: CallOf<Name>): Promise<AsyncIterable<Uint8Array>> {
      const handler = handlers[name] as Handler<Name>;
      const answer: unknown = await handler({ body: undefined, ...input } as unknown as CallInput<Name>, context);
      if (!isFileStream(answer)) throw new MillraceError("INTERNAL", `expected a file from \`${name}\``);
      return answer.bytes;
    },
  };
}

type PlainHandler<Name extends RouteName> = (...args: Parameters<Handler<Name>>) => Promise<Contract[Name]["response"]>;

async function recorded<Result>(
  { store }: App,
  { tokenId: actor }: Caller,
  action: RouteName,
  input: CallInput<RouteName>,
  work: () => Promise<Result>,
): Promise<Result> {
  const target = Object.values(input.params ?? {}).join(" ");
  const entry = {
    actor,
    action,
    target,
    detail: quietBodies.has(action)
      ? {}
      : redactor.redact(auditedBody(action, { ...(input.body as object | undefined) }) as Json),
  };
  try {
    const result = await work();
    await store.appendAudit([{ ...entry, outcome: "allowed" }]);
    return result;
  } catch (error) {
    await store.appendAudit([{ ...entry, outcome: "failed" }]);
    throw error;
  }
}
