import { parseAddress } from "@vsix/shared/net/address.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { AdvertisementObject, ToldPrefix } from "../../resources/router-advertisement/model.ts";
import type { AdvertisementMessage } from "../../wire/encode-advertisement.ts";

/** What was told once, and is not to be used any more: told so until hosts would have forgotten it. */
export interface Ending {
  readonly kind: "prefix" | "resolver" | "pref64";
  /** Address or prefix. */
  readonly text: string;
  readonly onLink: boolean;
  /** Monotonic, milliseconds. */
  readonly untilMs: number;
}

/** A prefix whose end the hosts of a link are told: they may have addresses in it for so long. */
export interface EndedPrefix {
  readonly interface: string;
  readonly prefix: string;
  /** Monotonic, milliseconds. */
  readonly untilMs: number;
}

/** Of each kind; a message stays within the smallest MTU of a link. */
const MAX_ENDINGS = 8;
/** RFC 4862 section 5.5.3 (e): hosts do not shorten what is left of an address to less by an advertisement. */
const TWO_HOURS_S = 7200;

/** Ends what `before` told and `after` does not; what is told again has not ended. */
export function endingsAfter(
  endings: readonly Ending[],
  before: AdvertisementObject | undefined,
  after: AdvertisementObject | undefined,
  nowMs: number,
): readonly Ending[] {
  const told = new Set(after === undefined ? [] : itemsOf(after).map(nameOf));
  const fresh = before === undefined ? [] : itemsOf(before);
  const known = new Set(fresh.map(nameOf));
  const all = [
    ...endings.filter((one) => !known.has(nameOf(one))),
    ...fresh.map((one) => ending(one, nowMs)),
  ];
  const left = all.filter((one) => one.untilMs > nowMs && !told.has(nameOf(one)));
  return (["prefix", "resolver", "pref64"] as const).flatMap((kind) =>
    left.filter((one) => one.kind === kind).slice(-MAX_ENDINGS),
  );
}

/**
 * What is said now. A prefix that ended is told with preferred lifetime 0, and valid for what is left of two hours (RFC 9096 section 3.5, RFC
 * 7084 L-13): hosts stop choosing its addresses, and connections that have them go on. `leaving`: this is no default router any more.
 */
export function tell(
  object: AdvertisementObject,
  endings: readonly Ending[],
  nowMs: number,
  {
    hardware,
    leaving = false,
  }: { readonly hardware?: Uint8Array | undefined; readonly leaving?: boolean } = {},
): AdvertisementMessage {
  const { resolvers, resolversS, pref64, pref64S } = object;
  const stands = endings.filter(({ untilMs }) => untilMs > nowMs);
  const ended = (kind: Ending["kind"]): readonly Ending[] => stands.filter((one) => one.kind === kind);
  const dead = addressesOf(ended("resolver").map(({ text }) => text));
  return {
    lifetimeS: leaving ? 0 : object.lifetimeS,
    preference: object.preference,
    hardware,
    mtu: object.mtu,
    prefixes: [
      ...object.prefixes.flatMap(prefixOption),
      ...ended("prefix").flatMap(({ text, onLink, untilMs }) =>
        prefixOption({
          prefix: text,
          onLink,
          autonomous: true,
          preferredS: 0,
          validS: Math.ceil((untilMs - nowMs) / 1000),
        }),
      ),
    ],
    resolvers: [
      ...(resolvers.length === 0 ? [] : [{ addresses: addressesOf(resolvers), lifetimeS: resolversS }]),
      ...(dead.length === 0 ? [] : [{ addresses: dead, lifetimeS: 0 }]),
    ],
    pref64: [
      ...(pref64 === undefined ? [] : pref64Option(pref64, pref64S)),
      ...ended("pref64").flatMap(({ text }) => pref64Option(text, 0)),
    ],
  };
}

/** What hosts of a link may still have addresses in, though it is over. */
export function endedPrefixes(
  { interface: name }: Pick<AdvertisementObject, "interface">,
  endings: readonly Ending[],
  nowMs: number,
): readonly EndedPrefix[] {
  return endings
    .filter(({ kind, onLink, untilMs }) => kind === "prefix" && onLink && untilMs > nowMs)
    .map(({ text, untilMs }) => ({ interface: name, prefix: text, untilMs }));
}

/** The same with nothing in it but how to get there: what is told of a link that is given up, beside its endings. */
export function nothingOf(object: AdvertisementObject): AdvertisementObject {
  const none = { prefixes: [], resolvers: [], resolversS: 0, pref64: undefined, pref64S: 0 };
  return { ...object, ...none, lifetimeS: 0, mtu: undefined };
}

interface Item {
  readonly kind: Ending["kind"];
  readonly text: string;
  readonly onLink: boolean;
  readonly lastsS: number;
}

function itemsOf({ prefixes, resolvers, resolversS, pref64, pref64S }: AdvertisementObject): readonly Item[] {
  return [
    ...prefixes
      // What hosts make no addresses in needs no end: it is a route of theirs, and goes with its time.
      .filter(({ autonomous, onLink }) => autonomous || onLink)
      .map(({ prefix, onLink, validS }) => ({
        kind: "prefix" as const,
        text: prefix,
        onLink,
        lastsS: Math.min(validS, TWO_HOURS_S),
      })),
    ...resolvers.map((text) => ({ kind: "resolver" as const, text, onLink: false, lastsS: resolversS })),
    ...(pref64 === undefined
      ? []
      : [{ kind: "pref64" as const, text: pref64, onLink: false, lastsS: pref64S }]),
  ];
}

function ending({ kind, text, onLink, lastsS }: Item, nowMs: number): Ending {
  return { kind, text, onLink, untilMs: nowMs + lastsS * 1000 };
}

function nameOf({ kind, text }: Pick<Ending, "kind" | "text">): string {
  return `${kind} ${text}`;
}

function prefixOption(told: ToldPrefix): AdvertisementMessage["prefixes"] {
  const prefix = parsePrefix(told.prefix);
  return prefix === undefined ? [] : [{ ...told, prefix }];
}

function pref64Option(text: string, lifetimeS: number): AdvertisementMessage["pref64"] {
  const prefix = parsePrefix(text);
  return prefix === undefined ? [] : [{ prefix, lifetimeS }];
}

function addressesOf(texts: readonly string[]): readonly Uint8Array[] {
  return texts.flatMap((text) => parseAddress(text) ?? []);
}
