import { createServer as createProxy } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import { connect, type AddressInfo, type Server } from "node:net";
import { text } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { startBehavingServer } from "../../../tests/support/http/behaving-server.ts";
import {
  authority,
  clientCertificate,
  clientKey,
  serverCertificate,
  serverKey,
} from "../../../tests/support/http/certificates.ts";
import { closeAfterEach } from "../../../tests/support/http/close-after-each.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { createHttpAgent, type HttpAgentOptions } from "./http-agent.ts";
import { sendRequest } from "./send-request.ts";

const closeLater = closeAfterEach();

async function get(url: string, options: HttpAgentOptions): Promise<string> {
  const agent = closeLater(createHttpAgent(options));
  return await text((await sendRequest({ method: "GET", url }, { agent })).body);
}

/** Answers with the name in the client's certificate. */
async function givenSecureServer(options: ServerOptions = {}): Promise<string> {
  const server = createServer(
    { cert: serverCertificate, key: serverKey, ca: authority, ...options },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      response.end(subject?.CN ?? "nobody");
    },
  );
  return `https://127.0.0.1:${await listen(server)}`;
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeLater({
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return (server.address() as AddressInfo).port;
}

test("a service whose authority is not trusted is refused for good", async () => {
  const origin = await givenSecureServer();
  const error = await expectFailure(get(origin, { origin }));
  expect([error.code, error.disposition]).toEqual(["CERTIFICATE_INVALID", "fail"]);
});

test("the client certificate is shown to the service that it is for, and to no other one", async () => {
  const origin = await givenSecureServer({ requestCert: true, rejectUnauthorized: false });
  const tls = { authorities: authority, certificate: clientCertificate, key: clientKey };
  expect(await get(origin, { origin, tls })).toBe("millrace test client");
  expect((await expectFailure(get(origin, { tls }))).code).toBe("CERTIFICATE_INVALID");
  // Of another origin not even the authority holds.
  expect((await expectFailure(get(origin, { origin: "https://127.0.0.1:1", tls }))).code).toBe("CERTIFICATE_INVALID");
});

test("a service that asks for a certificate and gets none cannot be talked to", async () => {
  const origin = await givenSecureServer({ requestCert: true, rejectUnauthorized: true });
  const error = await expectFailure(get(origin, { origin, tls: { authorities: authority } }));
  expect(["TLS_FAILED", "CONNECTION_FAILED"]).toContain(error.code);
});

test("another protocol on the port is no connection", async () => {
  const server = closeLater(await startBehavingServer((_request, response) => void response.end()));
  const error = await expectFailure(get(server.origin.replace("http:", "https:"), {}));
  expect([error.code, error.disposition]).toEqual(["TLS_FAILED", "fail"]);
});

test("requests go through the proxy, which gets its own password and not what is sent", async () => {
  const origin = await givenSecureServer({ requestCert: true, rejectUnauthorized: false });
  const seen: (string | undefined)[] = [];
  const proxy = createProxy().on("connect", (request, client, head) => {
    seen.push(request.url, request.headers["proxy-authorization"]);
    const [host = "", port] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
  });
  const port = await listen(proxy);
  const tls = { authorities: authority, certificate: clientCertificate, key: clientKey };
  const answer = await get(origin, { origin, tls, proxy: `http://me:secret@127.0.0.1:${port}` });
  expect(answer).toBe("millrace test client");
  expect(seen).toEqual([origin.replace("https://", ""), `Basic ${btoa("me:secret")}`]);
});
