import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import { hashBytes } from "@vsix/shared/dns/hash.ts";
import type { PacketDecoder } from "../../wire/capture/packet.ts";

/** One direction of a connection: source, destination, ports, length of addresses, point. */
const KEY = 16 + 16 + 4 + 2;
const FIN = 1;
const SYN = 2;
const RST = 4;

interface Waiting {
  readonly sequence: number;
  readonly octets: Uint8Array;
}

export interface TcpFlow {
  /** Source from octet 0, destination from 16. */
  readonly key: Uint8Array;
  readonly addressLength: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly point: number;
  /** Sequence number that comes next; only of worth while `synced`. */
  next: number;
  /** The next octet is known to begin a message, or to continue `partial`. */
  synced: boolean;
  /** Beginning of a message, its length included. */
  partial: Uint8Array;
  filled: number;
  /** What came too early, by sequence number. */
  readonly waiting: Waiting[];
  waitingOctets: number;
  waitingSince: number;
  second: number;
}

export interface TcpLimits {
  readonly flows: number;
  /** Octets kept of all flows. */
  readonly octets: number;
  readonly idleS: number;
  /** Segments and octets of one flow that wait for one before them, and how long. */
  readonly waiting: number;
  readonly waitingOctets: number;
  readonly waitingS: number;
}

export const TCP_LIMITS: TcpLimits = {
  flows: 8192,
  octets: 8 << 20,
  idleS: 60,
  waiting: 64,
  waitingOctets: 131_072,
  waitingS: 3,
};

/** One DNS message: `at` to `end`, of a flow. */
export type TcpDeliver = (bytes: Uint8Array, at: number, end: number, flow: TcpFlow) => void;

/**
 * DNS messages out of TCP (RFC 1035 section 4.2.2, RFC 7766): each direction by itself, pipelined, out of order, sent again,
 * begun before we looked. What was seen first holds. What is missing is passed over at the next segment that looks
 * like the beginning of a message.
 */
export class TcpStreams {
  readonly #seed: number;
  readonly #counters: CaptureCounters;
  readonly #isPort: (port: number) => boolean;
  readonly #deliver: TcpDeliver;
  readonly #limits: TcpLimits;
  /** By hash of the key; the one longest not used first. */
  readonly #flows = new Map<number, TcpFlow>();
  readonly #key = new Uint8Array(KEY);
  #octets = 0;

  constructor(
    seed: number,
    counters: CaptureCounters,
    isPort: (port: number) => boolean,
    deliver: TcpDeliver,
    limits: TcpLimits = TCP_LIMITS,
  ) {
    this.#seed = seed;
    this.#counters = counters;
    this.#isPort = isPort;
    this.#deliver = deliver;
    this.#limits = limits;
  }

  /** Octets kept, and flows: both are bounded. */
  get held(): { readonly octets: number; readonly flows: number } {
    return { octets: this.#octets, flows: this.#flows.size };
  }

  /** One segment, as `packet` found it. */
  segment(bytes: Uint8Array, packet: PacketDecoder, second: number, point: number): void {
    const { tcpFlags } = packet;
    this.#counters.tcpSegments++;
    const hash = this.#setKey(bytes, packet, point);
    let flow = this.#flows.get(hash);
    if (flow !== undefined && !equal(flow.key, this.#key)) {
      this.#counters.tcpEvicted++;
      this.#forget(hash, flow);
      flow = undefined;
    }
    const octets = packet.end - packet.at;
    if ((tcpFlags & RST) !== 0) {
      if (flow !== undefined) this.#close(hash, flow);
      return;
    }
    if (flow === undefined) {
      if (octets === 0 && (tcpFlags & SYN) === 0) return;
      flow = this.#make(hash, packet, point);
    } else {
      this.#flows.delete(hash);
      this.#flows.set(hash, flow);
    }
    flow.second = second;
    let sequence = packet.sequence;
    if ((tcpFlags & SYN) !== 0) {
      sequence = (sequence + 1) >>> 0;
      // Not the same SYN again.
      if (!flow.synced || flow.next !== sequence || flow.filled > 0) this.#restart(flow, sequence);
    }
    if (octets > 0) this.#data(flow, bytes, packet.at, packet.end, sequence, second);
    if ((tcpFlags & FIN) !== 0 && flow.waiting.length === 0) this.#close(hash, flow);
    else if (this.#octets > this.#limits.octets) this.#makeRoom();
  }

  expire(second: number): void {
    for (const [hash, flow] of this.#flows) {
      if (second - flow.second < this.#limits.idleS) return;
      this.#close(hash, flow);
    }
  }

  #setKey(bytes: Uint8Array, packet: PacketDecoder, point: number): number {
    const key = this.#key;
    if (packet.addressLength === 4) key.fill(0);
    for (let i = 0; i < packet.addressLength; i++) {
      key[i] = bytes[packet.sourceAt + i] as number;
      key[16 + i] = bytes[packet.destinationAt + i] as number;
    }
    key[32] = packet.sourcePort >> 8;
    key[33] = packet.sourcePort & 0xff;
    key[34] = packet.destinationPort >> 8;
    key[35] = packet.destinationPort & 0xff;
    key[36] = packet.addressLength;
    key[37] = point;
    return hashBytes(key, 0, KEY, this.#seed);
  }

  #make(hash: number, packet: PacketDecoder, point: number): TcpFlow {
    this.#counters.tcpConnections++;
    if (this.#flows.size >= this.#limits.flows) this.#evict();
    const flow: TcpFlow = {
      key: this.#key.slice(),
      addressLength: packet.addressLength,
      sourcePort: packet.sourcePort,
      destinationPort: packet.destinationPort,
      point,
      next: 0,
      synced: false,
      partial: EMPTY,
      filled: 0,
      waiting: [],
      waitingOctets: 0,
      waitingSince: 0,
      second: 0,
    };
    this.#flows.set(hash, flow);
    return flow;
  }

  #data(flow: TcpFlow, bytes: Uint8Array, from: number, end: number, sequence: number, second: number): void {
    let at = from;
    if (!flow.synced) {
      if (!this.#looksRight(flow, bytes, at, end)) {
        this.#counters.tcpGaps++;
        return;
      }
      flow.synced = true;
      flow.next = sequence;
    }
    const early = (sequence - flow.next) | 0;
    if (early > 0) {
      this.#keep(flow, bytes.slice(at, end), sequence, second);
      return;
    }
    at -= early;
    if (at >= end) return;
    this.#consume(flow, bytes, at, end);
    if (flow.waiting.length > 0) this.#drain(flow);
  }

  #keep(flow: TcpFlow, octets: Uint8Array, sequence: number, second: number): void {
    const { waiting } = flow;
    if (waiting.length === 0) flow.waitingSince = second;
    const place = waiting.findIndex((other) => ((sequence - other.sequence) | 0) < 0);
    waiting.splice(place < 0 ? waiting.length : place, 0, { sequence, octets });
    flow.waitingOctets += octets.length;
    this.#octets += octets.length;
    const { waiting: most, waitingOctets, waitingS } = this.#limits;
    if (
      waiting.length > most ||
      flow.waitingOctets > waitingOctets ||
      second - flow.waitingSince > waitingS
    ) {
      this.#passOver(flow);
    }
  }

  /** What came too early and follows now. */
  #drain(flow: TcpFlow): void {
    for (;;) {
      const [first] = flow.waiting;
      if (first === undefined) return;
      const early = (first.sequence - flow.next) | 0;
      if (early > 0) return;
      this.#takeFirst(flow);
      if (-early < first.octets.length) this.#consume(flow, first.octets, -early, first.octets.length);
    }
  }

  /** What is missing will not come: goes on at the first of what waits that begins a message. */
  #passOver(flow: TcpFlow): void {
    this.#counters.tcpGaps++;
    this.#dropPartial(flow);
    flow.synced = false;
    for (let [first] = flow.waiting; first !== undefined; [first] = flow.waiting) {
      this.#takeFirst(flow);
      const { octets, sequence } = first;
      if (!this.#looksRight(flow, octets, 0, octets.length)) continue;
      flow.synced = true;
      flow.next = sequence;
      this.#consume(flow, octets, 0, octets.length);
      this.#drain(flow);
      if (flow.waiting.length > 0) return;
    }
  }

  #takeFirst(flow: TcpFlow): void {
    const first = flow.waiting.shift();
    if (first === undefined) return;
    flow.waitingOctets -= first.octets.length;
    this.#octets -= first.octets.length;
  }

  /** Octets that follow what was there. Whole messages are not copied. */
  #consume(flow: TcpFlow, bytes: Uint8Array, from: number, end: number): void {
    flow.next = (flow.next + end - from) >>> 0;
    let at = from;
    while (at < end) {
      if (flow.filled === 0 && end - at >= 2) {
        const past = at + 2 + (((bytes[at] as number) << 8) | (bytes[at + 1] as number));
        if (past <= end) {
          this.#deliver(bytes, at + 2, past, flow);
          at = past;
          continue;
        }
      }
      at = this.#fill(flow, bytes, at, end);
    }
  }

  /** Adds to the message that is not whole; memory grows with what came, not with what was announced. */
  #fill(flow: TcpFlow, bytes: Uint8Array, at: number, end: number): number {
    const length = flow.filled < 2 ? 0 : ((flow.partial[0] as number) << 8) | (flow.partial[1] as number);
    const wanted = flow.filled < 2 ? 2 - flow.filled : 2 + length - flow.filled;
    const taken = Math.min(wanted, end - at);
    const filled = flow.filled + taken;
    if (filled > flow.partial.length) {
      const wider = new Uint8Array(Math.max(512, Math.min(65_537, filled * 2)));
      wider.set(flow.partial.subarray(0, flow.filled));
      this.#octets += wider.length - flow.partial.length;
      flow.partial = wider;
    }
    flow.partial.set(bytes.subarray(at, at + taken), flow.filled);
    flow.filled = filled;
    if (filled >= 2) {
      const whole = 2 + (((flow.partial[0] as number) << 8) | (flow.partial[1] as number));
      if (filled === whole) {
        const message = flow.partial;
        this.#dropPartial(flow);
        this.#deliver(message, 2, whole, flow);
      }
    }
    return at + taken;
  }

  /** A message seems to begin here: one question, a known opcode, and in the right direction. */
  #looksRight(flow: TcpFlow, bytes: Uint8Array, at: number, end: number): boolean {
    if (at + 14 > end) return false;
    const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const flags = bytes[at + 4] as number;
    const opcode = (flags >> 3) & 15;
    const questions = ((bytes[at + 6] as number) << 8) | (bytes[at + 7] as number);
    if (length < 12 || questions !== 1 || (opcode !== 0 && opcode !== 4 && opcode !== 5)) return false;
    return flags >> 7 === 1 ? this.#isPort(flow.sourcePort) : this.#isPort(flow.destinationPort);
  }

  #restart(flow: TcpFlow, next: number): void {
    this.#dropPartial(flow);
    while (flow.waiting.length > 0) this.#takeFirst(flow);
    flow.next = next;
    flow.synced = true;
  }

  #dropPartial(flow: TcpFlow): void {
    this.#octets -= flow.partial.length;
    flow.partial = EMPTY;
    flow.filled = 0;
  }

  #close(hash: number, flow: TcpFlow): void {
    while (flow.waiting.length > 0) this.#passOver(flow);
    this.#forget(hash, flow);
  }

  #forget(hash: number, flow: TcpFlow): void {
    this.#dropPartial(flow);
    while (flow.waiting.length > 0) this.#takeFirst(flow);
    this.#flows.delete(hash);
  }

  #makeRoom(): void {
    while (this.#octets > this.#limits.octets && this.#flows.size > 0) this.#evict();
  }

  #evict(): void {
    for (const [hash, flow] of this.#flows) {
      this.#counters.tcpEvicted++;
      this.#forget(hash, flow);
      return;
    }
  }
}

const EMPTY = new Uint8Array();

function equal(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < KEY; i++) if (a[i] !== b[i]) return false;
  return true;
}
