import type { FastifyInstance } from "fastify";
import { timestamp } from "../clock.ts";
import type { Context } from "../operations/context.ts";
import { eventView } from "../operations/paths.ts";
import { EventFeed, type FeedEvent } from "./event-feed.ts";
import { streamEvents } from "./event-stream.ts";
import { guarded } from "./permission.ts";

/** Too frequent, or for the controller alone. */
const UNTOLD: ReadonlySet<string> = new Set(["observation", "heard", "hello"]);

/**
 * GET /v1/events: every change as it happens, as server-sent events (WHATWG HTML, section 9.2). `data` is JSON with
 * `at` and `type`: presence, report, plane (an Edge seen to move), commit, path (another way, or another verdict), rollout
 * (it starts, goes back, ends), epe (a move, a bad path, an alarm of egress peers). Reports of one node that come within a tenth
 * of a second are told as the newest of them; everything else is told one by one.
 */
export function routeEvents(server: FastifyInstance, context: Context): void {
  const feed = new EventFeed<Heard>({
    listen: (hear) =>
      listenToAll(context, (event) => hear({ at: timestamp(context.clock.wallMs()), ...event })),
    stateOf: ({ type, node }) => (type === "report" ? `report ${node ?? ""}` : undefined),
  });
  server.get(
    "/v1/events",
    guarded("read", "Every change as it happens, as server-sent events", {}),
    (request, reply) => {
      streamEvents(request, reply, context.signal, (write) => feed.join(write));
    },
  );
}

interface Heard extends FeedEvent {
  readonly at: string;
  readonly node?: string;
}

function listenToAll(context: Context, send: (event: Omit<Heard, "at">) => void): () => void {
  const unlisten = [
    context.fleet.listen((event) => {
      if (!UNTOLD.has(event.type)) send(event);
    }),
    context.desired.listen(({ before, after, changed, removed }) => {
      const moved = [...after.steering.values()]
        .filter(({ edge, plane }) => before?.steering.get(edge)?.plane !== plane)
        .map(({ edge, plane, reason }) => ({ edge, plane, reason }));
      const { revision, intent } = after;
      const commit = { type: "commit", revision, changed, removed, moved, drained: intent.drained };
      send(commit);
    }),
    context.watch.paths.listen((numbered) => {
      const { id, source, target, kind, level, after, likely } = eventView(numbered);
      const { words, planes } = after;
      const path = { type: "path", id, source, target, kind, level, words, planes, likely };
      send(path);
    }),
    context.watch.rollouts.listen(({ type: turn, at: _, ...event }) => {
      const rollout = { type: "rollout", turn, ...event };
      send(rollout);
    }),
    context.watch.epe.listen(({ id, prefix, body }) => {
      const epe = { type: "epe", id, prefix, body };
      send(epe);
    }),
  ];
  return () => {
    for (const stop of unlisten) stop();
  };
}
