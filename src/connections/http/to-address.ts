// The address that a request goes to, in one piece.
import { MillraceError } from "../../core/errors/errors.ts";
import { encodeFields } from "./encode-body.ts";
import type { HttpRequest } from "./http-request.ts";
import { maskAddress } from "./mask-address.ts";

/**
 * The address with what is added to its query. The text that was there stays as it is, since a signature or a cursor may depend
 * on each byte of it.
 * @throws MillraceError `VALUE_INVALID` for what is no http or https address, and for one with a password
 */
export function toAddress({ url: address, query = {} }: Pick<HttpRequest, "url" | "query">): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new MillraceError(
      "VALUE_INVALID",
      `expected \`url\` to be an http or https address, got: \`${maskAddress(address)}\``,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new MillraceError("VALUE_INVALID", `expected \`url\` to hold no password, got: \`${maskAddress(url)}\``, {
      hint: "declare it as `auth: { basic: … }`, so that it is kept out of logs",
    });
  }
  const added = encodeFields(query);
  if (added !== "") url.search = url.search === "" ? added : `${url.search}&${added}`;
  return url;
}
