import type { FastifyInstance } from "fastify";
import { ownApplications } from "../access/account-view.ts";
import type { Context } from "../operations/context.ts";
import { frameOf } from "./event-feed.ts";
import { streamEvents } from "./event-stream.ts";
import { guarded } from "./permission.ts";
import { accountOf } from "./principal.ts";

/** What happens within this time is told together, milliseconds. */
const GATHER_MS = 200;

/**
 * GET /v1/me/events: the asking user's applications as GET /v1/me/applications has them, at once and whenever one is otherwise, as
 * server-sent events of the type `applications`.
 */
export function routeOwnEvents(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/me/events",
    guarded("self", "The asking user's applications, whenever they change, as server-sent events", {}),
    (request, reply) => {
      const account = accountOf(request);
      streamEvents(request, reply, context.signal, (write) => {
        const told = new Teller(context, account, (applications) =>
          write(frameOf("applications", { applications })),
        );
        const unlisten = context.users.standings.listen(() => told.soon());
        told.soon();
        return () => {
          unlisten();
          told.stop();
        };
      });
    },
  );
}

/** Looks again when it is told to, not more often than every GATHER_MS and one look at a time, and says only what is new. */
class Teller {
  readonly #context: Context;
  readonly #account: string;
  readonly #say: (applications: readonly unknown[]) => void;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #again = false;
  #isOver = false;
  #last = "";

  constructor(context: Context, account: string, say: (applications: readonly unknown[]) => void) {
    this.#context = context;
    this.#account = account;
    this.#say = say;
  }

  soon(): void {
    if (this.#isOver) return;
    if (this.#isLooking) {
      this.#again = true;
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#look();
    }, GATHER_MS);
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    try {
      const applications = await ownApplications(this.#context, this.#account);
      const text = JSON.stringify(applications);
      if (!this.#isOver && text !== this.#last) this.#say(applications);
      this.#last = text;
    } catch (error) {
      this.#context.log.error({ err: error }, "a user's applications could not be read");
    } finally {
      this.#isLooking = false;
    }
    if (this.#again) {
      this.#again = false;
      this.soon();
    }
  }
}
