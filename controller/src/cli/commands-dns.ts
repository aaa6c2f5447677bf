import { once } from "node:events";
import { open } from "node:fs/promises";
import process from "node:process";
import { type Command, InvalidArgumentError } from "commander";
import type { OutcomesAnswer, TailAnswer, TopAnswer } from "../dns/questions.ts";
import type { Tally } from "../dns/tallies.ts";
import type { DnsStatusAnswer } from "../http/schemas-dns.ts";
import { spanToMs, timeToMs, wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showClient, showDnsStatus, showOutcomes, showPairs, showTop, typeNumber } from "./show-dns.ts";

/** How often `tail --follow` asks, milliseconds. */
const FOLLOW_MS = 1_000;

interface SpanOptions {
  readonly last?: number;
  readonly from?: number;
  readonly to?: number;
}

interface FilterOptions extends SpanOptions {
  readonly name?: string;
  readonly below?: string;
  readonly client?: string;
  readonly outcome?: string;
  readonly type?: number;
  readonly class?: string;
  readonly node?: string;
}

/** dns …: what users asked for, and what they got. */
export function addDnsCommands(program: Command): void {
  const dns = program
    .command("dns")
    .description("captured DNS: what users ask for, and what they get (each look at names is audited)");

  addCommonOptions(dns.command("status"))
    .description("what is stored, and what was lost on the way")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const status = await api.get<DnsStatusAnswer>("/v1/dns/status");
      if (json) printJson(status);
      else print(showDnsStatus(status));
    });

  addSpan(addCommonOptions(dns.command("outcomes")))
    .description("totals: types, what became of AAAA, what was dropped; by capture point")
    .action(async (options: SpanOptions, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<OutcomesAnswer>(`/v1/dns/outcomes?${queryOf(options)}`);
      if (json) printJson(answer);
      else print(showOutcomes(answer));
    });

  addFilters(addSpan(addCommonOptions(dns.command("top"))))
    .description("names that were asked for most, or clients that asked most (--clients)")
    .option("--clients", "clients instead of names", false)
    .option(
      "--by <what>",
      "all, a, aaaa, ready (native AAAA there), ipv4 (AAAA asked for, none native)",
      oneOf(["all", "a", "aaaa", "ready", "ipv4"]),
      "all",
    )
    .option("--limit <n>", "so many at most", wholeNumber, 20)
    .action(
      async (options: FilterOptions & { clients: boolean; by: string; limit: number }, command: Command) => {
        const { api, json } = sessionOf(command);
        const { clients, by, limit } = options;
        const query = queryOf(options, { kind: clients ? "client" : "name", by, limit });
        const answer = await api.get<TopAnswer>(`/v1/dns/top?${query}`);
        if (json) printJson(answer);
        else print(showTop(answer, clients ? "CLIENT" : "NAME", by));
      },
    );

  addSpan(addCommonOptions(dns.command("client <address>")))
    .description("what one client, or a prefix, asked, and what it got")
    .option("--limit <n>", "so many names at most", wholeNumber, 20)
    .action(async (address: string, options: SpanOptions & { limit: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = queryOf(options, { client: address, limit: options.limit });
      const answer = await api.get<{ total: Tally; names: TopAnswer }>(`/v1/dns/client?${query}`);
      if (json) printJson(answer);
      else print(showClient(address, answer));
    });

  addFilters(addSpan(addCommonOptions(dns.command("tail"))))
    .description("the newest pairs")
    .option("--limit <n>", "so many", wholeNumber, 20)
    .option("--follow", "and then those that come, until interrupted", false)
    .action(async (options: FilterOptions & { limit: number; follow: boolean }, command: Command) => {
      const { api, json } = sessionOf(command);
      let cursor: number | undefined;
      do {
        const query = queryOf(options, { limit: options.limit, ...(cursor === undefined ? {} : { cursor }) });
        const answer = await api.get<TailAnswer>(`/v1/dns/tail?${query}`);
        if (json && !options.follow) printJson(answer);
        else if (json) for (const pair of answer.pairs) print(JSON.stringify(pair));
        else print(showPairs(answer.pairs, cursor === undefined));
        cursor = Math.max(answer.cursor, cursor ?? 0);
        if (options.follow) await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
      } while (options.follow);
    });

  addFilters(addSpan(addCommonOptions(dns.command("export <file>"))))
    .description("every pair into a file (- for standard output)")
    .option("--format <format>", "csv or parquet", oneOf(["csv", "parquet"]), "csv")
    .action(async (file: string, options: FilterOptions & { format: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = queryOf(options, { format: options.format });
      const url = `/v1/dns/export?${query}`;
      if (file === "-") {
        await api.download(url, async (piece) => {
          if (!process.stdout.write(piece)) await once(process.stdout, "drain");
        });
        return;
      }
      await using out = await open(file, "w", 0o600);
      let octets = 0;
      await api.download(url, async (piece) => {
        octets += piece.length;
        await out.writeFile(piece);
      });
      if (json) printJson({ file, format: options.format, octets });
      else print(`${octets} octets written to ${file}`);
    });
}

export function addSpan(command: Command): Command {
  return command
    .option("--last <time>", "so long until now, as in 10m, 6h, 7d (default: 1h)", spanToMs)
    .option("--from <time>", "RFC 3339, or a date", timeToMs)
    .option("--to <time>", "until then, exclusive (default: now)", timeToMs);
}

function addFilters(command: Command): Command {
  return command
    .option("--name <name>", "exactly this name")
    .option("--below <name>", "this name and all below it")
    .option("--client <prefix>", "from this address or prefix")
    .option("--outcome <outcome>", "AAAA: native, translated, nodata, nxdomain, servfail, unanswered, other")
    .option("--type <type>", "A, AAAA, HTTPS …, or a number", (text) => {
      const number = typeNumber(text);
      if (number === undefined) throw new InvalidArgumentError("wants a type, as in AAAA, or its number");
      return number;
    })
    .option(
      "--class <class>",
      "client, or authority: resolvers' own questions",
      oneOf(["client", "authority"]),
    )
    .option("--node <name>", "captured there");
}

/** The span of time that options name. */
export function spanOf({ last, from, to }: SpanOptions): {
  readonly fromMs: number;
  readonly untilMs: number;
} {
  const untilMs = to ?? Date.now();
  return { fromMs: from ?? untilMs - (last ?? 3_600_000), untilMs };
}

function queryOf(
  options: FilterOptions,
  more: Readonly<Record<string, string | number>> = {},
): URLSearchParams {
  const { name, below, client, outcome, type, node } = options;
  const all = { ...spanOf(options), name, below, client, outcome, type, class: options.class, node, ...more };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(all)) if (value !== undefined) query.set(key, String(value));
  return query;
}

function oneOf(words: readonly string[]): (text: string) => string {
  return (text) => {
    if (words.includes(text)) return text;
    throw new InvalidArgumentError(`wants one of ${words.join(", ")}`);
  };
}
