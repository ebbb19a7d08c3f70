// Reads connection strings of Spark Connect: `sc://host:port/;token=…;use_ssl=true;header=value`.
// @see https://github.com/apache/spark/blob/master/sql/connect/docs/client-connection-string.md
import { MillraceError } from "../../../core/errors/errors.ts";

/** Where a server is, and what goes with every call. */
export interface ConnectAddress {
  readonly host: string;
  readonly port: number;
  readonly usesTls: boolean;
  readonly token?: string;
  readonly userId?: string;
  readonly userAgent?: string;
  /** A UUID of a session that exists or is to be made. */
  readonly sessionId?: string;
  /** Of one message, each way. */
  readonly maxMessageBytes?: number;
  /** Metadata of every call, such as `x-databricks-cluster-id`. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A token turns TLS on, and goes without it to this machine only.
 * @throws MillraceError `CONFIG_INVALID`; its message has no token
 */
export function parseConnectAddress(text: string): ConnectAddress {
  const parts = /^sc:\/\/(?<host>\[[^\]]+\]|[^:/;?#@\s]+)(?::(?<port>\d+))?(?<path>\/[^;]*)?(?:;(?<pairs>.*))?$/s.exec(
    text,
  );
  const host = parts?.groups?.["host"]?.replaceAll(/^\[|\]$/g, "");
  if (host === undefined) throw invalid("expected a Spark Connect address to begin with `sc://host:port/`");
  const path = parts?.groups?.["path"] ?? "/";
  if (path !== "/") throw invalid("expected no path in a Spark Connect address", path);
  const port = Number(parts?.groups?.["port"] ?? defaultPort);
  if (port < 1 || port > 65_535) throw invalid("expected a port from 1 to 65535", String(port));
  return toAddress(host, port, parsePairs(parts?.groups?.["pairs"] ?? ""));
}

/** Whether packets for a host stay on this machine. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

const defaultPort = 15_002;
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

function parsePairs(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const pair of text.split(";").filter((each) => each !== "")) {
    // the first `=` only: tokens in base64 end in more
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    if (at < 1) throw invalid("expected each part of a Spark Connect address to be `name=value`");
    if (pairs.has(name)) throw invalid("expected each name in a Spark Connect address once", name);
    pairs.set(name, unescape(name, pair.slice(at + 1)));
  }
  return pairs;
}

function unescape(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalid(
      "expected percent signs of a Spark Connect address to be escaped as `%25`, which they are not in",
      name,
    );
  }
}

function toAddress(host: string, port: number, pairs: Map<string, string>): ConnectAddress {
  const take = (name: string): string | undefined => {
    const value = pairs.get(name);
    pairs.delete(name);
    return value === "" ? undefined : value;
  };
  const token = take("token");
  const useSsl = take("use_ssl");
  const [userId, userAgent, sessionId, maxSize] = ["user_id", "user_agent", "session_id", "grpc_max_message_size"].map(
    take,
  );
  if (useSsl !== undefined && !/^(?:true|false)$/i.test(useSsl))
    throw invalid("expected `use_ssl` to be true or false", useSsl);
  const usesTls = useSsl === undefined ? token !== undefined : /^true$/i.test(useSsl);
  if (token !== undefined && !usesTls && !isLoopback(host)) {
    throw invalid("a token must not go over the network without TLS: leave out `use_ssl=false` for", host);
  }
  if (sessionId !== undefined && !uuid.test(sessionId)) throw invalid("expected `session_id` to be a UUID", sessionId);
  if (maxSize !== undefined && !/^[1-9]\d*$/.test(maxSize)) {
    throw invalid("expected `grpc_max_message_size` to be a number of bytes", maxSize);
  }
  const unfit = [...pairs.keys()].find((name) => !/^[\w.-]+$/.test(name));
  if (unfit !== undefined)
    throw invalid("expected names of headers to have letters, digits, `-`, `_` and `.` only", unfit);
  return {
    host,
    port,
    usesTls,
    ...(token === undefined ? {} : { token }),
    ...(userId === undefined ? {} : { userId }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(maxSize === undefined ? {} : { maxMessageBytes: Number(maxSize) }),
    headers: Object.fromEntries(pairs),
  };
}

function invalid(message: string, value?: string): MillraceError {
  return new MillraceError("CONFIG_INVALID", value === undefined ? message : `${message}, got: \`${value}\``, {
    hint: "write it as `sc://host:15002/;token=…;use_ssl=true`",
  });
}
