// Places of files as a project opens them, with nothing shared and a clock that is the system's.
import type { ConnectionOptions } from "../../../src/core/connection/connection-options.ts";
import { Connections } from "../../../src/connections/registry/connections.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { MemoryConnectionStore } from "../http/memory-connection-store.ts";

/** @param onSecret told each secret */
export function openConnections(
  declared: Readonly<Record<string, ConnectionOptions>>,
  onSecret: (secret: string) => void = () => undefined,
): Connections {
  const clock = createSystemClock();
  return new Connections({
    declared,
    registered: { findConnection: () => Promise.resolve(undefined) },
    secrets: {
      readVariable: () => undefined,
      readFile: () => undefined,
      readService: () => Promise.reject(new Error("no service is asked for secrets")),
      onSecret,
    },
    services: {
      store: new MemoryConnectionStore(() => clock.now()),
      clock,
      holder: "test",
      seal: { seal: (secret) => btoa(secret), open: (sealed) => atob(sealed) },
    },
  });
}
