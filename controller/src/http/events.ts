import type { FastifyInstance } from "fastify";
import { timestamp } from "../clock.ts";
import type { Context } from "../operations/context.ts";
import { eventView } from "../operations/paths.ts";
import { guarded } from "./permission.ts";
import { principalOf } from "./principal.ts";

/** Octets that a slow listener may leave unread before it is cut off. */
const MAX_BACKLOG = 1024 * 1024;
const HEARTBEAT_MS = 15_000;
/** Too frequent, or for the controller alone. */
const UNTOLD: ReadonlySet<string> = new Set(["observation", "heard", "hello"]);

/**
 * GET /v1/events: every change as it happens, as server-sent events (WHATWG HTML, section 9.2). `data` is JSON with
 * `at` and `type`: presence, report, plane (an Edge seen to move), commit, path (another way, or another verdict), rollout
 * (it starts, goes back, ends), epe (a move, a bad path, an alarm of egress peers).
 */
export function routeEvents(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/events",
    guarded("read", "Every change as it happens, as server-sent events", {}),
    (request, reply) => {
      const principal = principalOf(request);
      reply.hijack();
      const stream = reply.raw;
      stream.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      const write = (text: string): void => {
        if (stream.writableLength > MAX_BACKLOG) stream.destroy();
        else stream.write(text);
      };
      const send = (event: { readonly type: string }): void => {
        const at = timestamp(context.clock.wallMs());
        write(`event: ${event.type}\ndata: ${JSON.stringify({ at, ...event })}\n\n`);
      };
      write(": vsix events\n\n");
      const unlistenFleet = context.fleet.listen((event) => {
        if (!UNTOLD.has(event.type)) send(event);
      });
      const unlistenDesired = context.desired.listen(({ before, after, changed, removed }) => {
        const moved = [...after.steering.values()]
          .filter(({ edge, plane }) => before?.steering.get(edge)?.plane !== plane)
          .map(({ edge, plane, reason }) => ({ edge, plane, reason }));
        const { revision, intent } = after;
        const commit = { type: "commit", revision, changed, removed, moved, drained: intent.drained };
        send(commit);
      });
      const unlistenPaths = context.watch.paths.listen((numbered) => {
        const { id, source, target, kind, level, after, likely } = eventView(numbered);
        const { words, planes } = after;
        const path = { type: "path", id, source, target, kind, level, words, planes, likely };
        send(path);
      });
      const unlistenRollouts = context.watch.rollouts.listen(({ type: turn, at: _, ...event }) => {
        const rollout = { type: "rollout", turn, ...event };
        send(rollout);
      });
      const unlistenEpe = context.watch.epe.listen(({ id, prefix, body }) => {
        const epe = { type: "epe", id, prefix, body };
        send(epe);
      });
      const end = (): void => {
        stream.end();
      };
      // Whose token has expired or is revoked hears no more.
      const heartbeat = setInterval(() => (principal.isLive() ? write(": \n\n") : end()), HEARTBEAT_MS);
      const ends = [context.signal, ...(principal.ended === undefined ? [] : [principal.ended])];
      for (const signal of ends) signal.addEventListener("abort", end, { once: true });
      stream.on("close", () => {
        clearInterval(heartbeat);
        unlistenFleet();
        unlistenDesired();
        unlistenPaths();
        unlistenRollouts();
        unlistenEpe();
        for (const signal of ends) signal.removeEventListener("abort", end);
      });
      stream.on("error", () => stream.destroy());
    },
  );
}
