import { afterHeard, NO_OTHERS, type Others } from "../../core/advertise/others.ts";
import { afterAsked, afterSent, type Pace, tellAnew } from "../../core/advertise/pace.ts";
import { type Ending, tell } from "../../core/advertise/telling.ts";
import { type Told, toldAfter } from "../../core/advertise/told.ts";
import { hardwareOf, linkLocalOf } from "../../io/link-local.ts";
import { NdSocket, type ReceivedNd } from "../../io/nd-socket.ts";
import { encodeRouterAdvertisement } from "../../wire/encode-advertisement.ts";
import {
  AdvertisementDecodeError,
  decodeRouterAdvertisement,
  ND_TYPE,
} from "../../wire/router-advertisement.ts";
import { isRouterSolicitation } from "../../wire/router-solicitation.ts";
import type { AdvertisementObject } from "./model.ts";

export interface SenderOptions {
  readonly device: { readonly name: string; readonly index: number };
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** There is news in `troubles`. */
  readonly onChange: () => void;
  /** It has said what it tells. */
  readonly onSaid?: () => void;
}

const ALL_NODES = "ff02::1";
/** Messages a second from one link; hosts send three solicitations when they come. */
const HEARD_PER_S = 200;
/** A link-local address is not there yet, or the link is down. */
const RETRY_MS = 500;
/** RFC 4861 section 10, MAX_FINAL_RTR_ADVERTISEMENTS. */
const MAX_FINAL = 3;
const FLOOD_TOLD_MS = 60_000;

/** A router's voice on one link. Begins to speak when it is made. */
export class AdvertisementSender implements AsyncDisposable {
  readonly #options: SenderOptions;
  readonly #socket: NdSocket;
  #object: AdvertisementObject;
  #endings: readonly Ending[] = [];
  #others: Others = NO_OTHERS;
  #pace: Pace;
  #timer: NodeJS.Timeout | undefined;
  #fault: string | undefined;
  #floodedMs: number | undefined;
  #finals: number | undefined;
  #ended = false;

  /**
   * @param endings of what a former life told and this one does not
   * @throws NetlinkError when the kernel gives no socket; NativeLoadError without the addon.
   */
  constructor(object: AdvertisementObject, options: SenderOptions, endings: readonly Ending[] = []) {
    this.#options = options;
    this.#object = object;
    this.#endings = endings;
    this.#socket = new NdSocket((received) => this.#take(received), {
      types: [ND_TYPE.ROUTER_SOLICITATION, ND_TYPE.ROUTER_ADVERTISEMENT],
      device: options.device,
      limit: HEARD_PER_S,
      onFlood: () => {
        this.#floodedMs = options.now();
        options.onChange();
      },
    });
    this.#pace = tellAnew(options.now(), undefined);
    this.#speak();
  }

  get device(): SenderOptions["device"] {
    return this.#options.device;
  }

  /** What it tells; undefined while it takes leave. */
  get object(): AdvertisementObject | undefined {
    return this.#finals === undefined ? this.#object : undefined;
  }

  /** What its hosts have been told. */
  get told(): Told {
    return { object: this.#object, endings: this.#endings };
  }

  /** Its farewell has been said. */
  get isDone(): boolean {
    return this.#finals === 0;
  }

  /** What is wrong on this link, for people. */
  get troubles(): readonly string[] {
    const nowMs = this.#options.now();
    return [
      ...(this.#fault === undefined ? [] : [`nothing is advertised: ${this.#fault}`]),
      ...(this.#floodedMs === undefined || nowMs - this.#floodedMs > FLOOD_TOLD_MS
        ? []
        : [
            `flooded: more than ${HEARD_PER_S} solicitations and advertisements a second, not all are looked at`,
          ]),
      ...[...this.#others]
        .filter(([, { untilMs }]) => untilMs > nowMs)
        .map(([from, { says }]) => `another router, ${from}, advertises ${says}`),
    ];
  }

  /** From now on tells this; what is not in it any more is told to have ended. */
  change(object: AdvertisementObject): void {
    this.#endings = toldAfter(this.told, object, this.#options.now())?.endings ?? [];
    this.#finals = undefined;
    this.#object = object;
    this.#others = NO_OTHERS;
    this.#anew();
  }

  /** The link has come up, perhaps to other hosts: they are told soon. */
  linkUp(): void {
    this.#anew();
  }

  /** Takes everything back: now, and twice more. `isDone` when that is over. */
  withdraw(): void {
    if (this.#finals !== undefined) return;
    const told = toldAfter(this.told, undefined, this.#options.now());
    if (told !== undefined) {
      this.#endings = told.endings;
      this.#object = told.object;
    }
    this.#finals = MAX_FINAL;
    this.#speak();
  }

  /**
   * The program ends: it is no default router from now on, RFC 4861 section 6.2.5. What hosts know of prefixes, resolvers and Pref64 is as
   * true as before, and stays.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    if (this.#finals !== 0 && this.#pace.lastMs !== undefined) this.#send(true);
    await this.#socket[Symbol.asyncDispose]();
  }

  #anew(): void {
    this.#pace = tellAnew(this.#options.now(), this.#pace);
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#ended || this.#finals === 0) return;
    this.#timer = setTimeout(() => this.#speak(), Math.max(0, this.#pace.nextMs - this.#options.now()));
  }

  #speak(): void {
    const { now, random, onChange } = this.#options;
    const before = this.#fault;
    this.#fault = this.#send(false);
    const nowMs = now();
    if (this.#fault === undefined) {
      this.#options.onSaid?.();
      const pace = afterSent(this.#pace, nowMs, this.#object.intervalS, random());
      if (this.#finals !== undefined) this.#finals--;
      const finalMs = nowMs + FINAL_MS;
      this.#pace = this.#finals === undefined ? pace : { ...pace, nextMs: finalMs };
    } else if (this.#finals !== undefined) {
      this.#finals = 0; // nobody to hear it
    } else this.#pace = { ...this.#pace, nextMs: nowMs + RETRY_MS };
    if (before !== this.#fault || this.isDone) onChange();
    this.#wait();
  }

  /** Returns why nothing went out. */
  #send(leaving: boolean): string | undefined {
    const { device, now } = this.#options;
    const source = linkLocalOf(device.name);
    if (source === undefined) return "no link-local address that may be used yet";
    const said = tell(this.#object, this.#endings, now(), { hardware: hardwareOf(device.name), leaving });
    try {
      this.#socket.send(encodeRouterAdvertisement(said), ALL_NODES, device.index, source);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #take({ source, bytes }: ReceivedNd): void {
    const { now, random, device, onChange } = this.#options;
    if (this.#finals !== undefined) return;
    if (bytes[0] === ND_TYPE.ROUTER_SOLICITATION) {
      if (this.#pace.asked || !isRouterSolicitation(bytes, source)) return;
      this.#pace = afterAsked(this.#pace, now(), random());
      this.#wait();
      return;
    }
    try {
      const said = decodeRouterAdvertisement(bytes);
      if (source === linkLocalOf(device.name)) return; // ours, by a loop in the link
      const before = this.#others;
      this.#others = afterHeard(before, this.#object, { from: source, said, nowMs: now() });
      if (before.get(source)?.says !== this.#others.get(source)?.says) onChange();
    } catch (error) {
      if (!(error instanceof AdvertisementDecodeError)) throw error; // somebody's nonsense
    }
  }
}

/** Between farewells, RFC 4861 section 10: MIN_DELAY_BETWEEN_RAS. */
const FINAL_MS = 3_000;
