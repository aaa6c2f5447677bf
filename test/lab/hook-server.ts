import { createServer, type ServerResponse } from "node:http";
import process from "node:process";
import { createInterface } from "node:readline";

/**
 * A receiver of webhooks for scenarios: `hook-server.ts PORT`, on ::1. Says `ready`, then a line of JSON for each request:
 * {at, body, signature, mode}. Lines to it: how it answers from now on, `take`, `refuse` or `hang`.
 */

const MODES = ["take", "refuse", "hang"] as const;
type Mode = (typeof MODES)[number];
const MAX_BODY = 4 * 1024 * 1024;

let mode: Mode = "take";
const held = new Set<ServerResponse>();

createInterface({ input: process.stdin }).on("line", (line) => {
  mode = MODES.find((one) => one === line) ?? mode;
  for (const response of held) response.destroy();
  held.clear();
});
// Its scenario is gone.
process.stdin.on("end", () => process.exit(0));

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => {
    body += chunk;
    if (body.length > MAX_BODY) request.destroy();
  });
  request.on("end", () => {
    const signature = request.headers["vsix-signature"] ?? null;
    process.stdout.write(`${JSON.stringify({ at: Date.now(), mode, path: request.url, body, signature })}\n`);
    if (mode === "hang") {
      held.add(response);
      return;
    }
    response.writeHead(mode === "take" ? 204 : 503).end();
  });
});
server.listen(Number(process.argv[2]), "::1", () => process.stdout.write("ready\n"));
