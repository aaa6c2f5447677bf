import { NFT_TABLE } from "../../core/ownership.ts";
import { type Json, type NftRuleset, type NftSet, sameDeclaration, sameHook, sameRules } from "./model.ts";

const AT = { family: "inet", table: NFT_TABLE } as const;
const TABLE = { table: { family: "inet", name: NFT_TABLE } } as const;

/** Takes the flags off our table. Apart from the rest: the kernel refuses new base chains in one transaction with it. */
export function wakeCommands(): Json {
  return { nftables: [{ add: TABLE }] };
}

/**
 * The commands, one atomic nf_tables transaction, that turn `observed` into `desired`. Every rule is written anew, but
 * counters and base chains that stay are only added to, so no value is lost and no hook is ever unregistered. Where nothing but
 * elements differs, as when a user comes or goes, they are all that is changed: the rules of five thousand users need not be read.
 */
export function replaceCommands(desired: NftRuleset, observed: NftRuleset | undefined): Json {
  if (observed !== undefined && differInElementsOnly(desired, observed))
    return { nftables: setCommands(desired.sets ?? [], observed.sets ?? []) };
  const chains = new Map(desired.chains.map((chain) => [chain.name, chain]));
  const counters = new Set(desired.counters);
  const commands: Json[] = [{ add: TABLE }, { flush: TABLE }];
  for (const { kind, name } of observed?.strange ?? []) {
    if (kind !== "flags") commands.push({ delete: { [kind]: { ...AT, name } } });
  }
  for (const { name, hook } of observed?.chains ?? []) {
    const wanted = chains.get(name);
    if (wanted === undefined || !sameHook(wanted.hook, hook)) {
      commands.push({ delete: { chain: { ...AT, name } } });
    }
  }
  // Elements of a map may refer to counters: those must be there before, and go after them.
  for (const name of desired.counters) commands.push({ add: { counter: { ...AT, name } } });
  commands.push(...setCommands(desired.sets ?? [], observed?.sets ?? []));
  for (const name of observed?.counters ?? []) {
    if (!counters.has(name)) commands.push({ delete: { counter: { ...AT, name } } });
  }
  for (const { name, hook } of desired.chains) {
    const base =
      hook === undefined
        ? {}
        : { type: hook.type, hook: hook.hook, prio: hook.priority, policy: hook.policy };
    commands.push({ add: { chain: { ...AT, name, ...base } } });
  }
  for (const { name, rules } of desired.chains) {
    for (const expr of rules) commands.push({ add: { rule: { ...AT, chain: name, expr } } });
  }
  return { nftables: commands };
}

export function deleteCommands(): Json {
  return { nftables: [{ add: TABLE }, { delete: TABLE }] };
}

function differInElementsOnly(desired: NftRuleset, observed: NftRuleset): boolean {
  const before = observed.sets ?? [];
  const sets = desired.sets ?? [];
  return (
    before.length === sets.length &&
    sets.every((set, i) => {
      const one = before[i];
      return one?.name === set.name && sameDeclaration(set, one);
    }) &&
    sameRules(desired, observed)
  );
}

/** Elements of one command: libnftables keeps a command's as one list. */
const ELEMENTS = 4096;

/** From some sets to others; nothing refers at that moment to those that are deleted. */
function setCommands(desired: readonly NftSet[], observed: readonly NftSet[]): readonly Json[] {
  const commands: Json[] = [];
  const kept = new Map<string, NftSet>();
  for (const set of observed) {
    const wanted = desired.find(({ name }) => name === set.name);
    if (wanted !== undefined && sameDeclaration(wanted, set)) kept.set(set.name, set);
    else commands.push({ delete: { [set.kind]: { ...AT, name: set.name } } });
  }
  for (const set of desired) {
    const { kind, name, type, map, interval, counted, dynamic } = set;
    const before = kept.get(name);
    if (before === undefined)
      commands.push({
        add: {
          [kind]: {
            ...AT,
            name,
            type,
            ...(map === undefined ? {} : { map }),
            ...(interval ? { flags: ["interval"] } : {}),
            ...(counted === true ? { stmt: [{ counter: null }] } : {}),
            ...(dynamic === undefined
              ? {}
              : { flags: ["timeout"], timeout: dynamic.timeoutS, size: dynamic.size }),
          },
        },
      });
    if (before?.elements === set.elements) continue;
    const had = new Set(before?.elements);
    const has = new Set(set.elements);
    commands.push(
      ...elementCommands(
        "delete",
        name,
        [...had].filter((element) => !has.has(element)),
      ),
      ...elementCommands(
        "add",
        name,
        [...has].filter((element) => !had.has(element)),
      ),
    );
  }
  return commands;
}

function elementCommands(op: "add" | "delete", name: string, elements: readonly string[]): readonly Json[] {
  const commands: Json[] = [];
  for (let at = 0; at < elements.length; at += ELEMENTS) {
    const elem = elements.slice(at, at + ELEMENTS).map((text): Json => JSON.parse(text));
    commands.push({ [op]: { element: { ...AT, name, elem } } });
  }
  return commands;
}
