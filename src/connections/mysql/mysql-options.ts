// What the driver is told of an address.
import type { ConnectionOptions } from "mysql2";
import { MillraceError } from "../../core/errors/errors.ts";

/** @throws MillraceError `CONFIG_INVALID` for a parameter of TLS that is not known */
export function toDriverOptions(url: URL): ConnectionOptions {
  const { hostname, port, username, password, pathname, searchParams } = url;
  const socketPath = searchParams.get("socket") ?? undefined;
  return {
    ...(socketPath === undefined
      ? { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 3306) }
      : { socketPath }),
    ...(username === "" ? {} : { user: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    database: decodeURIComponent(pathname.slice(1)),
    ...toTls(searchParams),
    charset: "utf8mb4",
    connectTimeout: 15_000,
    // bytes of each value as the server wrote them, which nobody has read as something else
    typeCast: false,
    rowsAsArray: true,
    // a statement that is bound is used once
    maxPreparedStatements: 1,
    connectAttributes: { program_name: "millrace" },
  };
}

/** By the words of MySQL (`ssl-mode`) and of JDBC (`sslMode`, `useSSL`). */
function toTls(parameters: URLSearchParams): Pick<ConnectionOptions, "ssl"> {
  const said = parameters.get("ssl-mode") ?? parameters.get("sslMode") ?? parameters.get("sslmode");
  const mode = (said ?? (parameters.get("useSSL") === "true" ? "required" : "disabled"))
    .toLowerCase()
    .replaceAll("-", "_");
  switch (mode) {
    case "disabled":
    case "disable":
    case "preferred":
      return {};
    case "required":
    case "trust":
      return { ssl: { rejectUnauthorized: false } };
    case "verify_ca":
      return { ssl: { rejectUnauthorized: true, verifyIdentity: false } };
    case "verify_identity":
    case "verify_full":
      return { ssl: { rejectUnauthorized: true, verifyIdentity: true } };
    default:
      throw new MillraceError("CONFIG_INVALID", `\`ssl-mode\` of a MySQL address is not known, got: \`${mode}\``, {
        hint: "one of `disabled`, `required`, `verify-ca` and `verify-identity`",
      });
  }
}
