import { randomInt } from "node:crypto";
import type { HomeWatch as HomeWatchPart } from "@vsix/shared/contract/part-home.ts";
import type { Logger } from "pino";
import { afterRound, newWay, nextQuestions, type Way } from "../core/home-ways.ts";
import { FIRST_EGRESS_PORT } from "../core/trace/flow-identity.ts";
import { Icmp6Socket, type ReceivedIcmp6 } from "../io/icmp6.ts";
import type { LinkTable } from "../io/links.ts";
import { ICMP6_TYPE } from "../wire/icmp6.ts";
import { canonicalIp6 } from "../wire/netlink/ip-text.ts";

/** A tunnel to be asked through. */
export interface WatchedTunnel {
  readonly id: string;
  readonly device: string;
  /** An address of this machine out of the tunnel's prefix: by its rule the question leaves by the tunnel, and by it the answer comes back. */
  readonly source: string;
  /** Whether its far end can be asked: not where the outer header has the inner one's hop limit. */
  readonly far: boolean;
}

export interface HomeWatchOptions {
  readonly links: LinkTable;
  readonly log: Logger;
  /** As of now; asked at the beginning of every round. */
  readonly tunnels: () => readonly WatchedTunnel[];
  /** Something was learned that the judgement may hang on. */
  readonly onChange: () => void;
}

interface Pending {
  readonly id: string;
  readonly device: string;
  readonly target: string;
  readonly far: boolean;
}

/** The far end of a tunnel is the first router behind it. */
const FAR_HOPS = 1;

/** Asks by each tunnel of a home, round by round, and keeps what is known of it. One echo a round while all is well. */
export class HomeWatch implements AsyncDisposable {
  readonly #options: HomeWatchOptions;
  readonly #targets: readonly string[];
  readonly #socket: Icmp6Socket;
  readonly #timer: NodeJS.Timeout;
  readonly #echoId = randomInt(1, FIRST_EGRESS_PORT);
  readonly #farId = (this.#echoId % (FIRST_EGRESS_PORT - 1)) + 1;
  readonly #ways = new Map<string, Way>();
  /** Of this round, by sequence number. */
  readonly #pending = new Map<number, Pending>();
  /** What came of this round so far, of tunnels that were asked. */
  readonly #round = new Map<string, { by: string | undefined; far: boolean | undefined }>();
  #sequence = randomInt(0x10000);

  /** @throws NetlinkError when the kernel gives no socket; NativeLoadError without the addon. */
  constructor({ targets, intervalMs }: HomeWatchPart, options: HomeWatchOptions) {
    this.#options = options;
    this.#targets = targets.map((text) => canonicalIp6(text) ?? text);
    this.#socket = Icmp6Socket.open((received) => this.#received(received), {
      ids: [Math.min(this.#echoId, this.#farId), Math.max(this.#echoId, this.#farId)],
      types: [ICMP6_TYPE.ECHO_REPLY, ICMP6_TYPE.TIME_EXCEEDED, ICMP6_TYPE.UNREACHABLE],
    });
    this.#timer = setInterval(() => this.#tick(), intervalMs);
    this.#ask();
  }

  /** What is known of a tunnel; undefined: it was not asked yet. */
  wayOf(id: string): Way | undefined {
    return this.#ways.get(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#socket[Symbol.asyncDispose]();
  }

  /** After a stop of this process answers lie unread: they are read before silence is believed. */
  #tick(): void {
    this.#socket.drain();
    const before = this.#lives();
    this.#judge();
    this.#ask();
    if (this.#lives() !== before) this.#options.onChange();
  }

  #judge(): void {
    const nowMs = performance.now();
    const living = [...this.#ways].filter(([, { beyond }]) => beyond.life === "alive").map(([id]) => id);
    for (const [id, round] of this.#round) {
      const way = this.#ways.get(id);
      if (way === undefined) continue;
      const alone = living.every((one) => one === id);
      const after = afterRound(way, round, { nowMs, wallMs: Date.now(), alone });
      this.#ways.set(id, after);
      if (way.beyond.life !== after.beyond.life || way.far.life !== after.far.life)
        this.#options.log.info(
          { tunnel: id, beyond: after.beyond.life, far: after.far.life, target: after.by },
          after.beyond.life === "dead" ? "nothing beyond a tunnel answers" : "a tunnel's life has changed",
        );
    }
    this.#round.clear();
    this.#pending.clear();
  }

  #ask(): void {
    const tunnels = this.#options.tunnels();
    for (const id of this.#ways.keys())
      if (!tunnels.some((tunnel) => tunnel.id === id)) this.#ways.delete(id);
    for (const { id, device, source, far } of tunnels) {
      const way = this.#ways.get(id) ?? newWay(Date.now());
      const asked = nextQuestions(way, this.#targets);
      const send = (target: string, isFar: boolean): boolean => {
        this.#sequence = (this.#sequence + 1) & 0xffff;
        this.#pending.set(this.#sequence, { id, device, target, far: isFar });
        const echo = { destination: target, source, sequence: this.#sequence };
        return (
          this.#socket.send({
            ...echo,
            ...(isFar ? { id: this.#farId, hopLimit: FAR_HOPS } : { id: this.#echoId }),
          }) === 0
        );
      };
      const sent = asked.targets.filter((target) => send(target, false)).length;
      // What did not leave says nothing: the address is not there yet, or the LAN that has it is down.
      if (sent === 0) continue;
      const [target] = asked.targets;
      const isFarAsked = far && asked.far && target !== undefined && send(target, true);
      this.#ways.set(id, way);
      this.#round.set(id, { by: undefined, far: isFarAsked ? false : undefined });
    }
  }

  #received({ message, source, interfaceIndex }: ReceivedIcmp6): void {
    const device = this.#options.links.nameOf(interfaceIndex);
    if (message.type === "echo-reply") {
      const pending = this.#pending.get(message.sequence);
      if (pending?.device !== device || pending.target !== source) return;
      this.#answered(pending, message.id);
    } else if (message.type === "time-exceeded" || message.type === "unreachable") {
      const { echo, destination } = message.quoted ?? {};
      const pending = echo?.id === this.#farId ? this.#pending.get(echo.sequence) : undefined;
      if (pending?.device === device && pending.target === destination) this.#answered(pending, this.#farId);
    }
  }

  #answered({ id, target, far }: Pending, echoId: number): void {
    const round = this.#round.get(id);
    if (round === undefined || echoId !== (far ? this.#farId : this.#echoId)) return;
    if (far) round.far = true;
    else round.by ??= target;
  }

  /** What judgements hang on. */
  #lives(): string {
    return JSON.stringify(
      [...this.#ways].map(([id, { beyond, far }]) => [
        ...[id, beyond.life, far.life, beyond.life === "dead" && beyond.streak > 0],
        beyond.life === "unknown" ? beyond.recent.length : 0,
      ]),
    );
  }
}
