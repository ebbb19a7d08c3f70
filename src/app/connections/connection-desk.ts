// Connections as people deal with them. The code behind it is loaded when somebody does: most commands never ask.
import type { ConnectionDesk } from "../../server/connection-desk.ts";
import type { ConnectionControlOptions } from "./connection-control.ts";

export function createConnectionDesk(options: ConnectionControlOptions): ConnectionDesk {
  const load = async () => await import("./connection-control.ts");
  return {
    list: async () => (await load()).listConnections(options),
    test: async (name, request) => (await load()).tryConnection(options, name, request),
    add: async (name, declared, call) => (await load()).addConnection(options, name, declared, call),
    remove: (name) => options.store.removeConnection(name),
    rekey: async () => {
      const [{ rekeyConnections }, { openSeal }] = await Promise.all([
        import("./rekey-connections.ts"),
        import("./open-seal.ts"),
      ]);
      return await rekeyConnections(options.store, openSeal(options.project.root, options.environment));
    },
  };
}
