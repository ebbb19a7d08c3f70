// Decides which host names the server answers to, and which pages may talk to it. It refuses a foreign domain name that
// points here (DNS rebinding) and a page of another origin (cross-site requests, WebSocket hijack).
import { isIP } from "node:net";
import { hostname } from "node:os";

export interface TrustedHosts {
  /** @param host the `Host` header */
  isTrustedHost(host: string | undefined): boolean;
  /** @param origin the `Origin` header; a page of the host that it asks is trusted, and those that were configured */
  isTrustedOrigin(origin: string, host: string | undefined): boolean;
}

/**
 * Addresses and `localhost` are trusted, because only names can be pointed elsewhere by those who own them; so are this
 * machine's name and the configured ones (`data.example.com`, with a port only when it is to be exact).
 */
export function createTrustedHosts(configured: readonly string[] = []): TrustedHosts {
  const names = new Set([hostname(), ...configured].map((name) => name.toLowerCase()));
  const isTrustedHost = (host: string | undefined): boolean => {
    const url = parseHost(host);
    if (url === undefined) return false;
    const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
    return (
      isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost") || names.has(name) || names.has(url.host)
    );
  };
  return {
    isTrustedHost,
    isTrustedOrigin(origin, host) {
      const url = URL.parse(origin);
      if (url === null || !/^https?:$/.test(url.protocol)) return false;
      const own = parseHost(host, url.protocol);
      if (own !== undefined && own.host === url.host) return true;
      return names.has(url.host) && configured.some((name) => name.toLowerCase() === url.host);
    },
  };
}

/** Tells whether only processes of this machine reach the address. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

// A URL parses hosts as browsers do: case, default ports and ways to write an address are brought to one form.
function parseHost(host: string | undefined, protocol = "http:"): URL | undefined {
  if (host === undefined || !/^[\w.:[\]-]{1,300}$/.test(host)) return undefined;
  const url = URL.parse(`${protocol}//${host}`);
  return url === null || url.pathname !== "/" || url.username !== "" ? undefined : url;
}
