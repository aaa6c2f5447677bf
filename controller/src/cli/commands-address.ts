import type { Command } from "commander";
import type {
  EventsAnswer,
  FoundAnswer,
  PoolAnswer,
  PrefixAnswer,
  PrefixChangedAnswer,
  PrefixesAnswer,
} from "../http/schemas-address.ts";
import { timeUpTo, wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showEvents, showPools, showPrefixes } from "./show-access.ts";

/** pool …, prefix …: addresses, who has them and who had them. */
export function addAddressCommands(program: Command): void {
  addPoolCommands(program.command("pool").description("where prefixes for users come from"));
  addPrefixCommands(program.command("prefix").description("what was given out of pools, and to whom"));
}

interface PoolOptions {
  readonly prefix: string;
  readonly purpose: string;
  readonly length?: number;
  readonly site?: string;
  readonly sparse?: boolean;
  readonly quarantine?: number;
  readonly note: string;
}

function addPoolCommands(pool: Command): void {
  addCommonOptions(pool.command("create <name>"))
    .description("make a pool; all of it is free")
    .requiredOption("--prefix <prefix>", "what it gives out of: 2001:db8:100::/40")
    .requiredOption("--purpose <purpose>", "tunnel, srv6, vpn-address, vpn-prefix or other")
    .option("--length <n>", "of what it gives out (tunnel, srv6: 60; vpn-address: 128; else 64)", wholeNumber)
    .option("--site <name>", "serves this site only; without it, every site")
    .option("--sparse", "leave every prefix room to grow, instead of first fit")
    .option("--quarantine <time>", "before what came back is given to somebody else (2d)", timeUpTo(3650))
    .option("--note <text>", "", "")
    .action(async (name: string, options: PoolOptions, command: Command) => {
      const { api, json } = sessionOf(command);
      const { prefix, purpose, length, site, sparse, quarantine, note } = options;
      const answer = await api.post<PoolAnswer>("/v1/pools", {
        name,
        prefix,
        purpose,
        note,
        ...(length === undefined ? {} : { length }),
        ...(site === undefined ? {} : { site }),
        ...(sparse === true ? { strategy: "sparse" } : {}),
        ...(quarantine === undefined ? {} : { quarantineS: quarantine }),
      });
      if (json) printJson(answer);
      else print(`${name}: /${answer.length}s of ${answer.prefix} for ${answer.purpose}`);
    });

  addCommonOptions(pool.command("list"))
    .description("every pool and how full it is")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ pools: PoolAnswer[] }>("/v1/pools");
      if (json) printJson(answer);
      else print(showPools(answer.pools));
    });

  for (const [verb, state, what] of [
    ["close", "closed", "give out nothing more; what was given out stays"],
    ["open", "open", "give out again"],
  ] as const) {
    addCommonOptions(pool.command(`${verb} <name>`))
      .description(what)
      .action(async (name: string, _options: object, command: Command) => {
        const { api, json } = sessionOf(command);
        const answer = await api.post<PoolAnswer>(`/v1/pools/${encodeURIComponent(name)}/state`, { state });
        if (json) printJson(answer);
        else print(`${name} is ${answer.state}`);
      });
  }

  addCommonOptions(pool.command("remove <name>"))
    .description("remove a pool of which everything is free")
    .action(async (name: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.delete<object>(`/v1/pools/${encodeURIComponent(name)}`);
      if (json) printJson(answer);
      else print(`${name} removed`);
    });

  for (const [verb, state, what] of [
    ["allocate", "active", "give out a prefix by hand"],
    ["reserve", "reserved", "keep a prefix away from everybody"],
  ] as const) {
    addCommonOptions(pool.command(`${verb} <name>`))
      .description(what)
      .option("--prefix <prefix>", "this very one; without it, any that is free")
      .option("--length <n>", "of this length instead of the pool's", wholeNumber)
      .option("--note <text>", "for whom or what", "")
      .action(
        async (
          name: string,
          options: { prefix?: string; length?: number; note: string },
          command: Command,
        ) => {
          const { api, json } = sessionOf(command);
          const path = `/v1/pools/${encodeURIComponent(name)}/prefixes`;
          const { note, ...which } = options;
          const { prefix, length } = which;
          const answer = await api.post<PrefixAnswer>(path, {
            state,
            note,
            ...(prefix === undefined ? {} : { prefix }),
            ...(length === undefined ? {} : { length }),
          });
          if (json) printJson(answer);
          else print(`${answer.prefix} is ${answer.state}`);
        },
      );
  }

  addHistory(pool, "pool", "<name>");
}

function addPrefixCommands(prefix: Command): void {
  addCommonOptions(prefix.command("list"))
    .description("what is not free, in the order of addresses")
    .option("--pool <name>")
    .option("--state <state>", "reserved, active, quarantine or revoked")
    .option("--user <name>")
    .option("--project <name>")
    .option("--limit <n>", "so many at most", wholeNumber, 1000)
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = new URLSearchParams();
      for (const key of ["pool", "state", "user", "project", "limit"])
        if (options[key] !== undefined) query.set(key, String(options[key]));
      const answer = await api.get<PrefixesAnswer>(`/v1/prefixes?${query}`);
      if (json) return printJson(answer);
      print(showPrefixes(answer.prefixes));
      if (answer.next !== null) print(`… and more; --limit shows more than ${options["limit"]}`);
    });

  addCommonOptions(prefix.command("show <address>"))
    .description("whose an address or prefix is")
    .action(async (address: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = new URLSearchParams({ address });
      const answer = await api.get<FoundAnswer>(`/v1/prefixes/around?${query}`);
      if (json) printJson(answer);
      else if (answer.prefix === null) print(`${address} is free, of pool ${answer.pool.name}`);
      else print(showPrefixes([answer.prefix]));
    });

  for (const [action, what] of [
    ["activate", "turn a reserved prefix into one that somebody has"],
    ["release", "give it back: it is free after its quarantine"],
    ["revoke", "take it back for a reason: nobody gets it until it is released or freed"],
    ["free", "make it free at once, where nobody has it"],
  ] as const) {
    addCommonOptions(prefix.command(`${action} <prefix>`))
      .description(what)
      .option("--reason <text>", "for its history", "")
      .action(async (text: string, { reason }: { reason: string }, command: Command) => {
        const { api, json } = sessionOf(command);
        const body = { prefix: text, action, reason };
        const answer = await api.post<PrefixChangedAnswer>("/v1/prefixes/change", body);
        if (json) printJson(answer);
        else
          print(
            `${answer.prefix} is ${answer.state}${answer.until === null ? "" : ` until ${answer.until}`}`,
          );
      });
  }

  addHistory(prefix, "prefix", "<address>");
}

/** NOUN history NAME. */
export function addHistory(noun: Command, kind: string, argument: string): void {
  addCommonOptions(noun.command(`history ${argument}`))
    .description("what happened to it, newest first")
    .option("--limit <n>", "so many at most", wholeNumber, 40)
    .action(async (subject: string, { limit }: { limit: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = new URLSearchParams({ kind, subject, limit: String(limit) });
      const answer = await api.get<EventsAnswer>(`/v1/access/history?${query}`);
      if (json) printJson(answer);
      else print(showEvents(answer.events));
    });
}
