// The built web UI: files with a hash in their name are kept by browsers for good, pages of the UI's own router all get
// `index.html`, and nothing below `/api` is ever answered with a page.
import { sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** @param folder with `index.html` and `assets/` */
export function serveUi(fastify: FastifyInstance, folder: string): void {
  void fastify.register(fastifyStatic, {
    root: folder,
    wildcard: true,
    index: false,
    preCompressed: true,
    dotfiles: "ignore",
    cacheControl: false,
    setHeaders(reply, path) {
      const isHashed = path.includes(`${sep}assets${sep}`);
      void reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  fastify.get("/", (_, reply) => sendPage(reply));
}

/** Tells whether a browser asks for a page: also at an address of the UI that is one of the server's for other programs. */
export function isNavigation({ method, headers }: FastifyRequest): boolean {
  return method === "GET" && (headers.accept ?? "").includes("text/html");
}

/** Tells whether a path that no route knows is one of the UI's own router. A missing script must not be answered with a page. */
export function isPageRequest(request: FastifyRequest): boolean {
  return isNavigation(request) && !isApiPath(request.url) && !/\.\w{1,8}(?:\?|$)/.test(request.url);
}

/** The path without what follows `?`, which may hold what people search for, and tickets. */
export function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? "";
}

export function sendPage(reply: FastifyReply): FastifyReply {
  return reply.header("cache-control", "no-cache").sendFile("index.html");
}

function isApiPath(url: string): boolean {
  return /^\/api(?:[/?]|$)/i.test(url);
}
