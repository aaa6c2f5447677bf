import { get } from "node:http";

/**
 * One connection that is kept as long as it lasts: fetches `URL` (see web-host.ts) and prints a JSON object. `node fetch.ts URL`.
 * Each octet must be the low octet of its place.
 */
const [url = ""] = process.argv.slice(2);
const begunMs = performance.now();
let octets = 0;
let wrong = 0;
let longestGapMs = 0;
let lastMs = begunMs;

function finish(error: string | null, local: string): void {
  const ms = Math.round(performance.now() - begunMs);
  process.stdout.write(
    `${JSON.stringify({ octets, wrong, error, ms, longestGapMs: Math.round(longestGapMs), local })}\n`,
  );
  process.exit(0);
}

const request = get(url, { agent: false, timeout: 30_000 }, (response) => {
  const local = request.socket?.localAddress ?? "";
  response.on("data", (piece: Buffer) => {
    const nowMs = performance.now();
    longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
    lastMs = nowMs;
    for (const [i, octet] of piece.entries()) if (octet !== ((octets + i) & 255)) wrong++;
    octets += piece.length;
  });
  response.on("end", () => finish(null, local));
  response.on("error", (error) => finish(error.message, local));
});
request.on("timeout", () => finish("silent for 30 s", ""));
request.on("error", (error) => finish(error.message, ""));
