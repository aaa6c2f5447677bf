import type { FastifyInstance } from "fastify";
import { ownApplications } from "../access/account-view.ts";
import type { Context } from "../operations/context.ts";
import { frameOf } from "./event-feed.ts";
import { streamEvents } from "./event-stream.ts";
import { OwnTeller } from "./own-teller.ts";
import { guarded } from "./permission.ts";
import { accountOf } from "./principal.ts";

/**
 * GET /v1/me/events: the asking user's applications as GET /v1/me/applications has them, at once and whenever one is otherwise, as
 * server-sent events of the type `applications`.
 */
export function routeOwnEvents(server: FastifyInstance, context: Context): void {
  const { clock, log } = context;
  const { standings } = context.users;
  server.get(
    "/v1/me/events",
    guarded("self", "The asking user's applications, whenever they change, as server-sent events", {}),
    (request, reply) => {
      const account = accountOf(request);
      streamEvents(request, reply, context.signal, (write) => {
        const teller = new OwnTeller({
          ...{ clock, log },
          read: () => ownApplications(context, account),
          told: (id) => ({ routers: standings.of(id), use: standings.use(id) ?? null }),
          say: (applications) => write(frameOf("applications", { applications })),
        });
        const unlisten = standings.listen((what) => teller.soon(what));
        teller.soon("wanted");
        return () => {
          unlisten();
          teller.stop();
        };
      });
    },
  );
}
