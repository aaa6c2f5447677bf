import { createRequire } from "node:module";
import type { PostAnswer, PostInit } from "@vsix/shared/notify/sender.ts";

type Http = Pick<typeof import("node:http"), "request">;

/** An ESM import of node:http evaluates its exports, and with them fetch: 7 MB (agent/DESIGN.md, "Memory"). */
const require = createRequire(import.meta.url);

/** Posts like fetch(), and follows no redirect. What the answer holds is not read. Throws the system's error, with its code. */
export async function post(url: string, { body, headers, signal }: PostInit): Promise<PostAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  const octets = Buffer.from(body);
  const http = require(url.startsWith("https:") ? "node:https" : "node:http") as Http;
  const request = http.request(url, {
    method: "POST",
    headers: { ...headers, "content-length": octets.length },
    signal,
    agent: false,
  });
  request.once("error", (cause) => reject(new Error("not posted", { cause })));
  request.once("response", (response) => {
    const { statusCode: status = 0 } = response;
    response.destroy();
    resolve({ ok: status >= 200 && status < 300, status, body: null });
  });
  request.end(octets);
  return promise;
}
