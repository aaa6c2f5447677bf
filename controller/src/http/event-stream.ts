import type { FastifyReply, FastifyRequest } from "fastify";
import { principalOf } from "./principal.ts";

/** Octets that a slow listener may leave unread before it is cut off. */
const MAX_BACKLOG = 1024 * 1024;
const HEARTBEAT_MS = 15_000;

/**
 * Answers with server-sent events (WHATWG HTML, section 9.2) until the listener goes, `signal` is aborted, or the right to listen
 * ends. `listen` is called at once with what writes frames (event-feed.ts), and returns what
 * stops it, which may be called again.
 */
export function streamEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
  listen: (write: (frames: string) => void) => () => void,
): void {
  const principal = principalOf(request);
  reply.hijack();
  const stream = reply.raw;
  stream.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const write = (text: string): void => {
    if (stream.writableLength > MAX_BACKLOG) stream.destroy();
    else if (!stream.destroyed && !stream.writableEnded) stream.write(text);
  };
  write(": vsix events\n\n");
  const unlisten = listen(write);
  const end = (): void => {
    // What happened before is told before.
    unlisten();
    stream.end();
  };
  // Whose token has expired or is revoked hears no more.
  const heartbeat = setInterval(() => (principal.isLive() ? write(": \n\n") : end()), HEARTBEAT_MS);
  const ends = [signal, ...(principal.ended === undefined ? [] : [principal.ended])];
  for (const one of ends) one.addEventListener("abort", end, { once: true });
  stream.on("close", () => {
    clearInterval(heartbeat);
    unlisten();
    for (const one of ends) one.removeEventListener("abort", end);
  });
  stream.on("error", () => stream.destroy());
}
