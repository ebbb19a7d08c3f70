// Ports of servers that tests start on loopback.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** A port that nobody listens on now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** Resolves when somebody listens on a port. @param who for the error when nobody does for two minutes */
export async function untilListening(port: number, who: string): Promise<void> {
  for (let tries = 0; tries < 6_000; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    const isUp = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${who} does not listen`);
}
