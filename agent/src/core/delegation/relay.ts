import { containsPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import {
  DHCP6_STATUS,
  DHCP6_TYPE,
  Dhcp6Error,
  decodeClientMessage,
  decodeRelayReply,
  decodeServerMessage,
  encodeRelayForward,
  type RelayReply,
  type ServerMessage,
} from "../../wire/dhcp6.ts";
import type { DesiredDelegation } from "./desired.ts";

/** Why a message went no further. */
export const DROPS = [
  "malformed", // no DHCPv6, too large, or nothing that a client or a server says
  "stranger", // by no tunnel of ours
  "foreign-prefix", // a server gave what is not this tunnel's
] as const;
export type Drop = (typeof DROPS)[number];

export interface RelayCounters {
  forwarded: number;
  answered: number;
  /** Leases that somebody else in the same tunnel had, and that were ended. */
  takenOver: number;
  readonly dropped: Record<Drop, number>;
}

/** What was last given in a tunnel. */
export interface LeaseSeen {
  readonly interface: string;
  readonly prefix: string;
  /** Hexadecimal. */
  readonly duid: string;
  /** Wall clock, milliseconds. */
  readonly untilMs: number;
}

export type FromClient =
  | { readonly op: "forward"; readonly message: Uint8Array }
  | { readonly op: "drop"; readonly why: Drop };

export type FromServer =
  | {
      readonly op: "answer";
      readonly interface: string;
      readonly peer: string;
      readonly message: Uint8Array;
    }
  /** The client hears nothing and asks again (RFC 8415 section 15), after these leases are gone. */
  | { readonly op: "take-over"; readonly interface: string; readonly prefixes: readonly string[] }
  | { readonly op: "drop"; readonly why: Drop };

interface Tunnel {
  readonly interface: string;
  readonly texts: readonly string[];
  readonly prefixes: readonly Prefix[];
}

/** What clients say; anything else in a tunnel is not for a relay. */
const ASKED: ReadonlySet<number> = new Set([
  DHCP6_TYPE.SOLICIT,
  DHCP6_TYPE.REQUEST,
  DHCP6_TYPE.CONFIRM,
  DHCP6_TYPE.RENEW,
  DHCP6_TYPE.REBIND,
  DHCP6_TYPE.RELEASE,
  DHCP6_TYPE.DECLINE,
  DHCP6_TYPE.INFORMATION_REQUEST,
]);
const ANSWERED: ReadonlySet<number> = new Set([DHCP6_TYPE.ADVERTISE, DHCP6_TYPE.REPLY]);
const WITHOUT: ReadonlySet<number> = new Set([DHCP6_STATUS.NO_BINDING, DHCP6_STATUS.NO_PREFIX_AVAIL]);
/** Octets. A client's message that needs more than the smallest MTU is none of ours. */
const LARGEST = 1280;
/** Two routers behind one tunnel that take turns do so no more often than this. */
const TAKE_OVER_PAUSE_MS = 5_000;

/**
 * A relay agent (RFC 8415 section 19) between the tunnels and one server, without clock or socket. The tunnel says who asks; so a router
 * that takes another one's place gets the same prefix, and whoever had it before does not stand in its way.
 */
export class Relay {
  readonly counters: RelayCounters = {
    forwarded: 0,
    answered: 0,
    takenOver: 0,
    dropped: { malformed: 0, stranger: 0, "foreign-prefix": 0 },
  };
  #link = "::";
  #tunnels: ReadonlyMap<string, Tunnel> = new Map();
  readonly #takenMs = new Map<string, number>();
  readonly #leases = new Map<string, LeaseSeen>();

  configure(delegation: DesiredDelegation | undefined): void {
    this.#link = delegation?.link ?? "::";
    this.#tunnels = new Map(
      delegation?.tunnels.map(({ interface: name, prefixes }) => [
        name,
        { interface: name, texts: prefixes, prefixes: prefixes.flatMap((text) => parsePrefix(text) ?? []) },
      ]),
    );
    for (const map of [this.#takenMs, this.#leases])
      for (const name of map.keys()) if (!this.#tunnels.has(name)) map.delete(name);
  }

  /** In no order; one a tunnel at most. Those that are over are among them until they are asked for again. */
  get leases(): readonly LeaseSeen[] {
    return [...this.#leases.values()];
  }

  /** `peer`: the client's link-local address. */
  fromClient(name: string, peer: string, bytes: Uint8Array): FromClient {
    if (!this.#tunnels.has(name)) return this.#drop("stranger");
    if (bytes.length > LARGEST) return this.#drop("malformed");
    const client = understood(() => decodeClientMessage(bytes));
    if (client === undefined || !ASKED.has(client.type)) return this.#drop("malformed");
    this.counters.forwarded++;
    return {
      op: "forward",
      message: encodeRelayForward(bytes, { link: this.#link, peer, interfaceId: name }),
    };
  }

  /** `nowMs`: monotonic; `wallMs`: wall clock. */
  fromServer(bytes: Uint8Array, nowMs: number, wallMs: number): FromServer {
    const reply = understood(() => decodeRelayReply(bytes));
    const said = reply === undefined ? undefined : understood(() => decodeServerMessage(reply.message));
    if (reply === undefined || said === undefined || !ANSWERED.has(said.type)) return this.#drop("malformed");
    const tunnel = this.#tunnels.get(reply.interfaceId);
    if (tunnel === undefined) return this.#drop("stranger");
    const live = said.prefixes.filter(({ validS }) => validS > 0);
    const given = live.map(({ prefix }) => parsePrefix(prefix));
    const own = (one: Prefix | undefined): boolean =>
      one !== undefined && tunnel.prefixes.some((prefix) => containsPrefix(prefix, one));
    if (!given.every(own)) return this.#drop("foreign-prefix");
    if (live.length === 0 && isWithout(said) && this.#mayTakeOver(tunnel, nowMs)) {
      this.counters.takenOver++;
      return { op: "take-over", interface: tunnel.interface, prefixes: tunnel.texts };
    }
    this.#remember(tunnel, said, wallMs);
    return this.#answer(tunnel, reply);
  }

  #answer(tunnel: Tunnel, { peer, message }: RelayReply): FromServer {
    this.counters.answered++;
    return { op: "answer", interface: tunnel.interface, peer, message };
  }

  #mayTakeOver({ interface: name }: Tunnel, nowMs: number): boolean {
    if (nowMs - (this.#takenMs.get(name) ?? Number.NEGATIVE_INFINITY) < TAKE_OVER_PAUSE_MS) return false;
    this.#takenMs.set(name, nowMs);
    return true;
  }

  #remember({ interface: name }: Tunnel, { type, duid, prefixes }: ServerMessage, wallMs: number): void {
    if (type !== DHCP6_TYPE.REPLY || duid === undefined) return;
    const given = prefixes.find(({ validS }) => validS > 0);
    if (given === undefined) return;
    const untilMs = wallMs + given.validS * 1000;
    this.#leases.set(name, { interface: name, prefix: given.prefix, duid, untilMs });
  }

  #drop(why: Drop): { readonly op: "drop"; readonly why: Drop } {
    this.counters.dropped[why]++;
    return { op: "drop", why };
  }
}

/** It asked for a prefix and none is for it. */
function isWithout({ delegations, statuses }: ServerMessage): boolean {
  return delegations > 0 && statuses.some((status) => WITHOUT.has(status));
}

function understood<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Dhcp6Error) return undefined;
    throw error;
  }
}
