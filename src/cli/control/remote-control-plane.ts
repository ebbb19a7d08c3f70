// Operations over HTTP. The server's problem document becomes the error it was made from, so that verbs cannot tell the difference.
import { MillraceError } from "../../core/errors/errors.ts";
import { type ErrorCode, errorCodes } from "../../core/errors/error-codes.ts";
import type { Problem } from "../../api/problem.ts";
import { type RouteEntry, routes } from "../../api/routes.ts";
import type { ControlPlane } from "./control-plane.ts";

export interface RemoteOptions {
  /** Such as `http://127.0.0.1:4680`. */
  readonly server: string;
  readonly token: string | undefined;
}

const timeoutMs = 30_000;

/** Connects at the first call. @throws MillraceError `CONFIG_INVALID` */
export function connectControlPlane({ server, token }: RemoteOptions): ControlPlane {
  const base = parseServer(server);
  return {
    server: base.origin,
    call: async (name, input) => {
      const { params, query, body } = input as CallParts;
      const route: RouteEntry = routes[name];
      const url = new URL(fillPath(route.path, params ?? {}), base);
      for (const [key, value] of Object.entries(query ?? {})) {
        if (value !== undefined) url.searchParams.set(key, String(value));
      }
      const response = await request(url, route, { body, token });
      return (await readAnswer(response)) as never;
    },
    // Somebody else's workers take the runs.
    work: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
    async [Symbol.asyncDispose]() {
      // Connections of `fetch` close by themselves.
    },
  };
}

interface CallParts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
}

/** The server's address. @throws MillraceError `CONFIG_INVALID` */
export function parseServer(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.pathname === "/") return url;
  throw new MillraceError("CONFIG_INVALID", `expected the address of a server, got: \`${text}\``, {
    hint: "for example `--server http://127.0.0.1:4680`; the token goes into MILLRACE_TOKEN",
  });
}

function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
}

async function request(
  url: URL,
  { method }: RouteEntry,
  { body, token }: { readonly body: object | undefined; readonly token: string | undefined },
): Promise<Response> {
  const hasBody = method === "POST" || method === "PUT";
  try {
    return await fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(hasBody ? { "content-type": "application/json" } : {}),
      },
      ...(hasBody ? { body: JSON.stringify(body ?? {}) } : {}),
    });
  } catch (cause) {
    throw new MillraceError("SERVER_UNREACHABLE", `no answer from ${url.origin}`, {
      cause,
      hint: "start it with `millrace server`, or correct `--server`",
    });
  }
}

async function readAnswer(response: Response): Promise<unknown> {
  const type = response.headers.get("content-type") ?? "";
  if (response.ok) {
    if (response.status === 204) return null;
    return type.startsWith("application/json") ? await response.json() : await response.text();
  }
  if (!type.startsWith("application/problem+json")) {
    throw new MillraceError("SERVER_UNREACHABLE", `${response.url} answered ${response.status}`, {
      hint: "is it a Millrace server?",
    });
  }
  const { code, detail, hint, allowed, issues } = (await response.json()) as Problem;
  const details = {
    ...(allowed === undefined ? {} : { allowed }),
    ...(issues === undefined ? {} : { issues }),
  };
  throw new MillraceError(isKnown(code) ? code : "INTERNAL", detail, {
    details,
    ...(hint === undefined ? {} : { hint }),
  });
}

// A newer server may have codes that this program does not know.
function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
