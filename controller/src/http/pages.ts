import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ControllerError } from "../errors.ts";
import { pagePolicy } from "../portal/security-headers.ts";
import { guarded } from "./permission.ts";

/** Where the web application is: beside a packaged controller's JavaScript, or where controller/web/build.ts leaves it. */
const PLACES = ["web", "../../web/dist"].map((place) => join(import.meta.dirname, place));

/** Addresses that open the web application; what is shown there, it decides itself. The first are whole, the others beginnings. */
const PAGES = ["/", "/sign-in", "/invitation", "/once", "/oidc", "/my", "/my/*", "/noc", "/noc/*"];

/** Stands in the built page where each answer has a text of its own. */
const NONCE = "VSIX-NONCE";

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
  json: "application/json",
};

/** By the suffix of a file that controller/web/build.ts compressed. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/** The web application as it was built, in memory: no name that a request brings ever becomes a path of a file. */
export interface BuiltPages {
  readonly html: string;
  /** By name, with the suffixes `.br` and `.gz` where they were worth it. */
  readonly assets: ReadonlyMap<string, Buffer>;
}

/** What was built, from the first place that has it; undefined: none has. */
export async function readPages(): Promise<BuiltPages | undefined> {
  for (const place of PLACES) {
    const pages = await readPlace(place);
    if (pages !== undefined) return pages;
  }
  return undefined;
}

async function readPlace(directory: string): Promise<BuiltPages | undefined> {
  try {
    const html = await readFile(join(directory, "index.html"), "utf8");
    const names = await readdir(join(directory, "assets"));
    const files = names.map(async (name) => [name, await readFile(join(directory, "assets", name))] as const);
    return { html, assets: new Map(await Promise.all(files)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The web application: its page at every address of it, and its files. Only where browsers come. */
export function routePages(
  server: FastifyInstance,
  pages: BuiltPages | undefined,
  mayAsk: () => readonly string[],
): void {
  for (const path of PAGES)
    server.get(path, page("A page of the web application", path), openPage(pages, mayAsk));
  const files = "/assets/*";
  server.get(files, page("A file of the web application", files), (request, reply) => {
    const { assets } = built(pages);
    const name = (request.params as Static<typeof Rest>)["*"];
    const plain = assets.get(name);
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
    if (plain === undefined || type === undefined)
      throw new ControllerError("unknown-file", "there is no such file; the page may be of an older version");
    // Its name changes with its contents.
    return send(request, reply, type, "public, max-age=31536000, immutable", (suffix) =>
      suffix === "" ? plain : assets.get(`${name}${suffix}`),
    );
  });
}

const Rest = Type.Object({ "*": Type.String({ maxLength: 256 }) });

function page(summary: string, path: string) {
  const options = guarded("anybody", summary, path.endsWith("*") ? { params: Rest } : {});
  return { ...options, config: { ...options.config, isPage: true } };
}

function openPage(pages: BuiltPages | undefined, mayAsk: () => readonly string[]) {
  return (_request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { html } = built(pages);
    const nonce = randomBytes(18).toString("base64url");
    reply.raw.setHeader("content-security-policy", pagePolicy(nonce, mayAsk()));
    return reply.type("text/html; charset=utf-8").send(html.replaceAll(NONCE, nonce));
  };
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  cacheControl: string,
  find: (suffix: string) => Buffer | undefined,
): FastifyReply {
  const accepted = String(request.headers["accept-encoding"] ?? "")
    .split(",")
    .map((one) => one.trim());
  reply.raw.setHeader("cache-control", cacheControl);
  void reply.type(type).header("vary", "accept-encoding");
  for (const [encoding, suffix] of ENCODINGS) {
    const body = accepted.includes(encoding) ? find(suffix) : undefined;
    if (body !== undefined) return reply.header("content-encoding", encoding).send(body);
  }
  return reply.send(find(""));
}

/** Throws ControllerError `pages-not-built`. */
function built(pages: BuiltPages | undefined): BuiltPages {
  if (pages !== undefined) return pages;
  throw new ControllerError(
    "pages-not-built",
    "the web application was not built here: run `node controller/web/build.ts` and start the controller again",
  );
}
