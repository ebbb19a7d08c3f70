// A mail server for tests, with behaviours: what it offers, what it refuses, and when it goes away. It keeps what it took.
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { serverCertificate, serverKey } from "../http/certificates.ts";

export interface SmtpBehaviour {
  /** What it offers after the greeting. Default: nothing. */
  readonly offers?: readonly ("STARTTLS" | "AUTH PLAIN")[];
  /** Speaks TLS from the first byte on. */
  readonly isImplicit?: boolean;
  /** Address → the reply that refuses it, such as `550 5.1.1 nobody of that name`. */
  readonly refused?: Readonly<Record<string, string>>;
  /** The reply to a login. Default: it is accepted. */
  readonly login?: string;
  /** The reply to the content. Default: it is taken. */
  readonly content?: string;
}

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: string;
  /** Whether it came encrypted, and from whom. */
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

export interface SmtpServer extends AsyncDisposable {
  readonly port: number;
  readonly taken: readonly TakenMail[];
  /** How many are connected. */
  connections(): number;
  /** From now on it behaves so. */
  behave(behaviour: SmtpBehaviour): void;
}

/** Listens on a free port of the loopback address. */
export async function startSmtpServer(first: SmtpBehaviour = {}): Promise<SmtpServer> {
  let behaviour = first;
  const taken: TakenMail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    const session = new SmtpSession(behaviour, taken);
    if (behaviour.isImplicit === true) session.serve(secure(socket), true);
    else session.serve(socket, false);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    taken,
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.size,
    behave: (next) => (behaviour = next),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function secure(socket: Socket): TLSSocket {
  const secureContext = createSecureContext({ cert: serverCertificate, key: serverKey });
  return new TLSSocket(socket, { isServer: true, secureContext }).on("error", () => undefined);
}

class SmtpSession {
  readonly #behaviour: SmtpBehaviour;
  readonly #taken: TakenMail[];
  #from = "";
  #to: string[] = [];
  #user: string | undefined;
  #content: string[] | undefined;

  constructor(behaviour: SmtpBehaviour, taken: TakenMail[]) {
    this.#behaviour = behaviour;
    this.#taken = taken;
  }

  serve(socket: Socket, isEncrypted: boolean, greets = true): void {
    if (greets) socket.write("220 mail.test ready\r\n");
    let rest = "";
    const onData = (chunk: Buffer): void => {
      const lines = `${rest}${chunk.toString("latin1")}`.split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.toUpperCase() === "STARTTLS" && this.#behaviour.offers?.includes("STARTTLS") === true) {
          socket.write("220 go ahead\r\n");
          socket.off("data", onData);
          this.serve(secure(socket), true, false);
          return;
        }
        const reply = this.#answer(line, isEncrypted);
        if (reply !== undefined) socket.write(`${reply}\r\n`);
        if (line.toUpperCase() === "QUIT") socket.end();
      }
    };
    socket.on("data", onData);
  }

  #answer(line: string, isEncrypted: boolean): string | undefined {
    if (this.#content !== undefined) return this.#takeLine(line, isEncrypted);
    const [verb = "", argument = ""] = line.split(/[ :](.*)/s);
    switch (verb.toUpperCase()) {
      case "EHLO": {
        const { offers = [] } = this.#behaviour;
        const offered = offers.filter((offer) => !(isEncrypted && offer === "STARTTLS"));
        return ["250-mail.test", ...offered.map((offer) => `250-${offer}`), "250 8BITMIME"].join("\r\n");
      }
      case "AUTH": {
        const [, user] = Buffer.from(argument.split(" ")[1] ?? "", "base64")
          .toString()
          .split("\0");
        this.#user = user;
        return this.#behaviour.login ?? "235 welcome";
      }
      case "MAIL":
        this.#from = addressIn(argument);
        this.#to = [];
        return "250 ok";
      case "RCPT": {
        const address = addressIn(argument);
        const refusal = this.#behaviour.refused?.[address];
        if (refusal === undefined) this.#to.push(address);
        return refusal ?? "250 ok";
      }
      case "DATA":
        this.#content = [];
        return "354 end with a dot";
      case "STARTTLS":
        return "502 5.5.1 not here";
      default:
        return "250 ok";
    }
  }

  #takeLine(line: string, isEncrypted: boolean): string | undefined {
    if (line !== ".") {
      this.#content?.push(line.startsWith("..") ? line.slice(1) : line);
      return undefined;
    }
    const content = (this.#content ?? []).join("\n");
    this.#content = undefined;
    const { content: refusal } = this.#behaviour;
    if (refusal !== undefined) return refusal;
    this.#taken.push({ from: this.#from, to: this.#to, content, isEncrypted, user: this.#user });
    return "250 taken";
  }
}

function addressIn(argument: string): string {
  return /<([^>]*)>/.exec(argument)?.[1] ?? "";
}
