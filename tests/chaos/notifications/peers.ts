// Peers that outlive who sends to them: a webhook, a FIFO topic of SNS and a mail server. They count what they have acknowledged, by the
// id that each knows a message by.
import type { Server, Socket } from "node:net";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChannelOptions } from "../../../src/core/notification/channel-options.ts";
import { startSmtpServer } from "../../support/notifications/smtp-server.ts";

export interface Peers extends AsyncDisposable {
  readonly channels: Readonly<Record<string, ChannelOptions>>;
  /** Id of a message → how often it was acknowledged. */
  deliveries(): ReadonlyMap<string, number>;
  /** Called at each request, before it is acknowledged and after. */
  watch(onMoment: (moment: "request" | "acknowledged") => void): void;
  /** Resolves when what has come is dealt with and nobody is connected. */
  idle(): Promise<void>;
}

export async function startPeers(): Promise<Peers> {
  const taken: string[] = [];
  const sockets = new Set<Socket>();
  let onMoment: (moment: "request" | "acknowledged") => void = () => undefined;
  const http = createHttpServer((request, response) => {
    void answer(request, response, (id) => {
      taken.push(id);
      onMoment("acknowledged");
    });
    onMoment("request");
  });
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await listen(http);
  const mail = await startSmtpServer();
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    channels: {
      hook: { webhook: { url: origin } },
      topic: {
        sns: {
          topicArn: "arn:aws:sns:eu-central-1:123456789012:alerts.fifo",
          endpoint: origin,
          accessKeyId: "AKIDEXAMPLE",
          secretAccessKey: "a-secret-of-nobody",
        },
      },
      mail: {
        email: { host: "127.0.0.1", port: mail.port, tls: "none", from: "mill@example.com", to: ["ops@example.com"] },
      },
    },
    watch: (listener) => (onMoment = listener),
    deliveries: () => {
      const mails = mail.taken.map(({ content }) => /^Message-ID: <([^@]*)@/m.exec(content)?.[1] ?? "none");
      const counts = new Map<string, number>();
      for (const id of [...taken, ...mails]) counts.set(id, (counts.get(id) ?? 0) + 1);
      return counts;
    },
    idle: async () => {
      while (sockets.size > 0 || mail.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeAllConnections();
      await closed;
      await mail[Symbol.asyncDispose]();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  onTaken: (id: string) => void,
): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The sender died within its request, which is then none.
    return;
  }
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  response.end("<ok/>");
  onTaken(String(request.headers["millrace-id"] ?? form.get("MessageDeduplicationId")));
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}
