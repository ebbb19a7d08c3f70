// What people do with connections: look at them, try one, register one. Secrets go in and never come out.
import type { ConnectionTest } from "../../../api/orchestrator.ts";
import { classifyError } from "../../../core/errors/classify-error.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CallInput, Handlers } from "../../handler.ts";
import type { ServerServices } from "../../server-services.ts";
import { listConnections } from "./list-connections.ts";

export function createConnectionHandlers(
  services: ServerServices,
): Handlers<"listConnections" | "testConnection" | "addConnection" | "removeConnection" | "rekeyConnections"> {
  const { connections } = services;
  return {
    listConnections: async () => ({ items: await listConnections(services) }),
    testConnection: (input) => testConnection(services, input),
    addConnection: async ({ params: { connection }, body: { options, replace = false } }, { caller }) => {
      const version = await connections.add(connection, options, { by: caller.name, replace }).catch(toRefusal);
      return { connection, version };
    },
    rekeyConnections: async () => await connections.rekey(),
    async removeConnection({ params: { connection } }) {
      if (await connections.remove(connection)) return null;
      throw new MillraceError("CONNECTION_UNKNOWN", `no connection is registered as \`${connection}\``, {
        hint: "those of the configuration are removed there",
      });
    },
  };
}

// That no answer came is what somebody wanted to know, and no failure of this server.
async function testConnection(
  { connections }: ServerServices,
  { params: { connection }, body: { url = "/", fresh = false } }: CallInput<"testConnection">,
): Promise<ConnectionTest> {
  try {
    const { address, isGood, outcome, durationMs } = await connections.test(connection, { url, fresh });
    const nothing = { status: null, bytes: null, files: null, server: null };
    const answer = { address, good: isGood, ...nothing, ...outcome, duration_ms: durationMs };
    return { connection, answer, error: null };
  } catch (thrown) {
    const { code, message, hint = null } = classifyError(thrown);
    if (code === "CONNECTION_UNKNOWN" || code === "STORE_UNAVAILABLE" || code === "INTERNAL") throw thrown;
    return { connection, answer: null, error: { code, message, hint } };
  }
}

// What is wrong with the options is a mistake of the caller, and none of this project's configuration.
function toRefusal(error: unknown): never {
  if (!(error instanceof MillraceError) || error.code !== "CONFIG_INVALID") throw error;
  const { message, hint } = error;
  throw new MillraceError("REQUEST_INVALID", message, hint === undefined ? {} : { hint });
}
