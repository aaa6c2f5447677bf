import { createServer } from "node:http";

/**
 * A web server for translated connections: `GET /` says whom it sees; `GET /bytes?count=N&rate=M` sends N octets, M a second, each
 * the low octet of its place. `node web-host.ts ADDRESS PORT`.
 */
const [address = "::", port = "80"] = process.argv.slice(2);
const TICK_MS = 20;

createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://here");
  if (url.pathname !== "/bytes") {
    response.end(`${request.socket.remoteAddress}\n`);
    return;
  }
  const count = Number(url.searchParams.get("count") ?? "0");
  const share = Math.ceil((Number(url.searchParams.get("rate") ?? "1000000") * TICK_MS) / 1000);
  let sent = 0;
  const timer = setInterval(() => {
    if (response.writableNeedDrain) return;
    const piece = Buffer.alloc(Math.min(share, count - sent));
    for (let i = 0; i < piece.length; i++) piece[i] = (sent + i) & 255;
    sent += piece.length;
    response.write(piece);
    if (sent < count) return;
    clearInterval(timer);
    response.end();
  }, TICK_MS);
  response.on("close", () => clearInterval(timer));
}).listen(Number(port), address);
