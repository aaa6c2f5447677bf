import { Readable } from "node:stream";
import type { Static } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { DnsLooks } from "../dns/looks.ts";
import type * as Dns from "../dns/questions.ts";
import { ControllerError } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import {
  ClientAnswer,
  ClientQuery,
  DnsStatusAnswer,
  ExportQuery,
  OutcomesAnswer,
  OutcomesQuery,
  TailAnswer,
  TailQuery,
  TopAnswer,
  TopQuery,
  type WhereQuery,
} from "./schemas-dns.ts";

const HOUR_MS = 3_600_000;
const TYPES = { csv: "text/csv; charset=utf-8", parquet: "application/vnd.apache.parquet" } as const;

/** Captured DNS. Totals are for whoever may read; names and clients want the scope `dns`, and each look is audited. */
export function routeDns(server: FastifyInstance, context: Context): void {
  const looks = new DnsLooks();
  routeTotals(server, context);

  server.get<{ Querystring: Static<typeof TopQuery> }>(
    "/v1/dns/top",
    guarded("dns", "Names or clients that asked most, or that need IPv4", {
      querystring: TopQuery,
      response: { 200: TopAnswer },
    }),
    async (request) => {
      const { kind, by, limit, ...query } = request.query;
      const where = whereOf(context, query);
      await looks.record(context, actorOf(request), `top-${kind}-${by}`, where);
      return mutable(captured(await context.dns.ask("top", { where, kind, by, limit })));
    },
  );
  server.get<{ Querystring: Static<typeof ClientQuery> }>(
    "/v1/dns/client",
    guarded("dns", "What one client, or a prefix, asked, and what it got", {
      querystring: ClientQuery,
      response: { 200: ClientAnswer },
    }),
    async (request) => {
      const { limit, ...query } = request.query;
      const where = whereOf(context, query);
      await looks.record(context, actorOf(request), "client", where);
      const { total } = captured(await context.dns.ask("outcomes", { where }));
      const names = await context.dns.ask("top", { where, kind: "name", by: "all", limit });
      return { total, names: mutable(captured(names)) };
    },
  );
  server.get<{ Querystring: Static<typeof TailQuery> }>(
    "/v1/dns/tail",
    guarded("dns", "The newest pairs; with a cursor those that came since", {
      querystring: TailQuery,
      response: { 200: TailAnswer },
    }),
    async (request) => {
      const { limit, cursor, ...query } = request.query;
      const where = whereOf(context, query);
      await looks.record(context, actorOf(request), "tail", where);
      const answer = await context.dns.ask("tail", {
        where,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      return mutable(captured(answer));
    },
  );
  server.get<{ Querystring: Static<typeof ExportQuery> }>(
    "/v1/dns/export",
    guarded("dns", "Every pair as a file: CSV, or Apache Parquet", { querystring: ExportQuery }),
    async (request, reply) => {
      const { format, ...query } = request.query;
      const where = whereOf(context, query);
      await looks.record(context, actorOf(request), `export-${format}`, where);
      const number = captured(await context.dns.ask("exportBegin", { where, format }));
      void reply.type(TYPES[format]);
      return reply.send(Readable.from(piecesOf(context, number)));
    },
  );
}

function routeTotals(server: FastifyInstance, context: Context): void {
  const { dns } = context;
  server.get(
    "/v1/dns/status",
    guarded("read", "What of captured DNS is stored, and what was lost", {
      response: { 200: DnsStatusAnswer },
    }),
    (): DnsStatusAnswer => {
      const { figures } = dns;
      return {
        captured: figures !== undefined,
        segments: figures?.segments ?? 0,
        pairs: figures?.pairs ?? 0,
        octets: figures?.octets ?? 0,
        oldestMs: msOf(figures?.oldestUs),
        newestMs: msOf(figures?.newestUs),
        uncountedMinutes: figures?.dirtyMinutes ?? 0,
        missingPairs: figures?.missingPairs ?? 0,
        missingBatches: figures?.missingBatches ?? 0,
        gaps: [...(figures?.gaps ?? [])],
        sinceStart: { ...dns.counts },
        learnedPrefixes: dns.learned.size,
      };
    },
  );
  server.get<{ Querystring: Static<typeof OutcomesQuery> }>(
    "/v1/dns/outcomes",
    guarded("read", "Totals: types, AAAA outcomes, drops; over time and by capture point", {
      querystring: OutcomesQuery,
      response: { 200: OutcomesAnswer },
    }),
    async ({ query }) => mutable(captured(await dns.ask("outcomes", { where: whereOf(context, query) }))),
  );
}

async function* piecesOf({ dns }: Context, number: number): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const piece = await dns.ask("exportNext", number);
      if (piece === null || piece === undefined) return;
      yield piece;
    }
  } finally {
    await dns.ask("exportEnd", number).catch(() => undefined);
  }
}

function whereOf({ clock }: Context, query: WhereQuery): Dns.Where {
  const { untilMs = Math.floor(clock.wallMs()), ...rest } = query;
  const fromMs = query.fromMs ?? untilMs - HOUR_MS;
  if (fromMs >= untilMs)
    throw new ControllerError("bad-question", "the time asked about ends before it begins");
  return { ...rest, fromMs: Math.max(0, fromMs), untilMs };
}

function captured<T>(answer: T | undefined): T {
  if (answer === undefined) throw new ControllerError("no-dns", "no node has told of any captured DNS");
  return answer;
}

const msOf = (us: number | null | undefined): number | null =>
  us === null || us === undefined ? null : us / 1000;

type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** The same value; schemas have no word for readonly. */
const mutable = <T>(value: T): Mutable<T> => value as Mutable<T>;
