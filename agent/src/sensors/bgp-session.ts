import type { AsPathSegment } from "../wire/bgp/attributes.ts";
import { BgpDecodeError, NOTIFY_FSM, NOTIFY_OPEN } from "../wire/bgp/decode-error.ts";
import { encodeEndOfRib } from "../wire/bgp/encode-update.ts";
import {
  encodeKeepalive,
  KEEPALIVE,
  MessageFramer,
  NOTIFICATION,
  OPEN,
  UPDATE,
} from "../wire/bgp/message.ts";
import { decodeNotification, describeNotification } from "../wire/bgp/notification.ts";
import { decodeOpen, encodeOpen, type Open } from "../wire/bgp/open.ts";
import { decodeUpdate, type Update } from "../wire/bgp/update.ts";

export interface FeedRoute {
  readonly prefix: string;
  /** Global IPv6 address as the engine has it, unchanged; `::1` means this node itself. */
  readonly nextHop: string;
  readonly med?: number;
  readonly localPref?: number;
  readonly asPath: readonly AsPathSegment[];
  /** `a:b:c`. */
  readonly largeCommunities: readonly string[];
}

export type FeedEvent =
  | { readonly type: "up"; readonly routerId: string }
  /** A prefix stands in `reach` or in `withdraw`, never in both. */
  | { readonly type: "routes"; readonly reach: readonly FeedRoute[]; readonly withdraw: readonly string[] }
  | { readonly type: "end-of-rib" }
  | { readonly type: "down"; readonly reason: string };

export interface SessionSettings {
  readonly asn: number;
  /** Dotted quad. */
  readonly routerId: string;
  /** What we propose; the smaller of both counts. */
  readonly holdS: number;
}

/** The peer closed the session, or has to be told why we do. */
export class SessionEnd extends Error {
  /** Code and subcode of the NOTIFICATION to send, where one is due. */
  readonly notify: readonly [number, number] | undefined;

  constructor(message: string, notify?: readonly [number, number]) {
    super(message);
    this.name = "SessionEnd";
    this.notify = notify;
  }
}

/**
 * The receiving half of one BGP session, RFC 4271 section 8 as far as a passive listener needs it: bytes in, events and
 * bytes out. Knows neither sockets nor clocks.
 */
export class ReceiverSession {
  readonly #framer = new MessageFramer();
  readonly #settings: SessionSettings;
  #state: "active" | "openconfirm" | "established" = "active";
  #holdS: number;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
    this.#holdS = settings.holdS;
  }

  get established(): boolean {
    return this.#state === "established";
  }

  /** Negotiated; 0 means no hold timer. */
  get holdS(): number {
    return this.#holdS;
  }

  /** One read from the socket: what it means, coalesced, and what to answer. Throws SessionEnd. */
  receive(chunk: Uint8Array): {
    readonly events: readonly FeedEvent[];
    readonly send: readonly Uint8Array[];
  } {
    const events: FeedEvent[] = [];
    const send: Uint8Array[] = [];
    const batch = new Batch(events);
    try {
      for (const message of this.#framer.push(chunk)) {
        switch (message.type) {
          case OPEN:
            send.push(...this.#open(message.body));
            break;
          case KEEPALIVE:
            if (this.#state === "active") throw outOfOrder("KEEPALIVE");
            if (this.#state === "openconfirm") {
              this.#state = "established";
              events.push({ type: "up", routerId: this.#peer });
              // we announce nothing; a restarted engine waits for us to say so (RFC 4724 section 4.1)
              send.push(encodeEndOfRib());
            }
            break;
          case UPDATE:
            if (this.#state !== "established") throw outOfOrder("UPDATE");
            batch.add(decodeUpdate(message.body));
            break;
          case NOTIFICATION:
            throw new SessionEnd(describeNotification(decodeNotification(message.body)));
          default:
            break; // ROUTE-REFRESH: we have nothing to repeat
        }
      }
    } catch (error) {
      if (error instanceof BgpDecodeError) throw new SessionEnd(error.message, [error.notify, error.subcode]);
      throw error;
    }
    batch.flush();
    return { events, send };
  }

  #peer = "";

  #open(body: Uint8Array): readonly Uint8Array[] {
    if (this.#state !== "active") throw outOfOrder("OPEN");
    const open = decodeOpen(body);
    this.#check(open);
    const { asn, routerId, holdS } = this.#settings;
    this.#holdS = open.holdS === 0 ? 0 : Math.min(holdS, open.holdS);
    this.#peer = open.routerId;
    this.#state = "openconfirm";
    const gracefulRestart = { restarting: false, restartS: 0, ipv6: { forwarding: false } };
    return [encodeOpen({ asn, routerId, holdS, ipv6Unicast: true, gracefulRestart }), encodeKeepalive()];
  }

  #check(open: Open): void {
    if (open.asn !== this.#settings.asn) throw new SessionEnd(`peer is AS ${open.asn}`, [NOTIFY_OPEN, 2]);
    // unsupported capability, RFC 5492 section 3
    if (!open.fourOctetAs || !open.ipv6Unicast)
      throw new SessionEnd("peer lacks IPv6 unicast or 4-octet AS numbers", [NOTIFY_OPEN, 7]);
  }
}

function outOfOrder(what: string): SessionEnd {
  return new SessionEnd(`${what} out of order`, [NOTIFY_FSM, 0]);
}

/** Coalesces the UPDATEs of one read; the last word about a prefix counts. */
class Batch {
  readonly #events: FeedEvent[];
  #reach = new Map<string, FeedRoute>();
  #withdraw = new Set<string>();

  constructor(events: FeedEvent[]) {
    this.#events = events;
  }

  add(update: Update): void {
    for (const prefix of update.withdraw) {
      this.#reach.delete(prefix);
      this.#withdraw.add(prefix);
    }
    const { nextHop, attributes } = update;
    if (nextHop !== undefined && attributes !== undefined) {
      const { med, localPref, asPath, largeCommunities } = attributes;
      for (const prefix of update.reach) {
        this.#withdraw.delete(prefix);
        this.#reach.set(prefix, {
          prefix,
          nextHop,
          ...(med === undefined ? {} : { med }),
          ...(localPref === undefined ? {} : { localPref }),
          asPath,
          largeCommunities,
        });
      }
    }
    if (update.endOfRib) {
      this.flush();
      this.#events.push({ type: "end-of-rib" });
    }
  }

  flush(): void {
    if (this.#reach.size === 0 && this.#withdraw.size === 0) return;
    this.#events.push({ type: "routes", reach: [...this.#reach.values()], withdraw: [...this.#withdraw] });
    this.#reach = new Map();
    this.#withdraw = new Set();
  }
}
