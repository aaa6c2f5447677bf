import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { inWords } from "@vsix/shared/dns/bytes-table.ts";
import { TYPE } from "@vsix/shared/dns/model.ts";
import { parseName } from "@vsix/shared/dns/name.ts";
import { emptyRow, HALF, kindOf, OUTCOME } from "@vsix/shared/dns/row.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { QUESTION_TAIL } from "@vsix/shared/dns/segment-layout.ts";
import { Random } from "../../scripts/judge-curve/random.ts";

const SERVER = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53, 0, 53);
const TYPES = [TYPE.A, TYPE.AAAA, TYPE.HTTPS, TYPE.PTR] as const;
const OUTCOMES = [
  OUTCOME.native,
  OUTCOME.native,
  OUTCOME.native,
  OUTCOME.translated,
  OUTCOME.translated,
  OUTCOME.nodata,
  OUTCOME.nxdomain,
  OUTCOME.servfail,
] as const;

export interface Made {
  readonly segment: Uint8Array;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly pairs: number;
}

/**
 * Pairs as users make them: names skewed, one in 33 asked for once only, A, AAAA, HTTPS and PTR, the outcome of AAAA fixed by
 * the name. Every `stepUs` one.
 */
export class PairMaker {
  readonly #random = new Random(8106);
  readonly #names: readonly Uint8Array[];
  readonly #clients: number;
  readonly #codec = zstdCodec();
  #unique = 0;
  #us: number;

  constructor(options: { readonly names: number; readonly clients: number; readonly startUs: number }) {
    this.#names = Array.from({ length: options.names }, (_, i) => wire(`host${i % 97}.site${i}.example`));
    this.#clients = options.clients;
    this.#us = options.startUs;
  }

  /** One segment of pairs. */
  make(pairs: number, stepUs: number): Made {
    const builder = new SegmentBuilder({ seed: 11, points: ["eth0"], maxRows: pairs });
    const row = emptyRow();
    const client = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const reply = new Uint8Array(8);
    const view = new DataView(reply.buffer);
    const firstUs = this.#us;
    for (let i = 0; i < pairs; i++) {
      const unique = this.#random.chance(0.03);
      // The product of two: small numbers are frequent.
      const number = Math.floor(this.#random.uniform() * this.#random.uniform() * this.#names.length);
      const name = unique ? wire(`u${this.#unique++}.cdn.example`) : (this.#names[number] ?? SERVER);
      const type = TYPES[this.#random.chance(0.45) ? 1 : this.#random.below(4)] ?? TYPE.A;
      const outcome = type === TYPE.AAAA ? (OUTCOMES[number % 8] ?? OUTCOME.native) : OUTCOME.none;
      const key = new Uint8Array(name.length + QUESTION_TAIL);
      key.set(name);
      const tail = new DataView(key.buffer, name.length);
      tail.setUint16(0, type);
      tail.setUint16(2, 1);
      tail.setUint16(4, 0x100);
      tail.setUint16(10, 40);
      tail.setUint8(12, 1);
      const who = this.#random.below(this.#clients);
      client[6] = who >> 8;
      client[7] = who & 0xff;
      row.second = Math.floor(this.#us / 1e6);
      row.nanosecond = (this.#us % 1e6) * 1000;
      row.latencyUs = 200 + this.#random.below(20_000);
      row.client = builder.client(inWords(client), 0, 16);
      row.clientPort = 1024 + this.#random.below(64_000);
      row.server = builder.server(inWords(SERVER), 0, 18);
      row.id = this.#random.below(65_536);
      row.kind = kindOf(HALF.whole, 0, 0);
      row.question = builder.question(inWords(key), 0, key.length);
      view.setUint32(0, row.question);
      view.setUint32(4, outcome);
      row.reply = builder.reply(inWords(reply), 8);
      if (row.reply === builder.replies)
        builder.addReply({
          name,
          flags: 0x8180,
          rcode: outcome === OUTCOME.nxdomain ? 3 : outcome === OUTCOME.servfail ? 2 : 0,
          edns: 0,
          size: 120,
          outcome,
          answers: answersOf(name, outcome, number),
          left: 0,
        });
      const ttl = Uint8Array.of(0, 0, 0, 60);
      row.ttls = builder.ttls(
        inWords(ttl),
        outcome === OUTCOME.native || outcome === OUTCOME.translated ? 4 : 0,
        -1,
      );
      builder.append(row);
      this.#us += stepUs;
    }
    return { segment: builder.finish(this.#codec), firstUs, lastUs: this.#us - stepUs, pairs };
  }
}

function answersOf(owner: Uint8Array, outcome: number, number: number) {
  if (outcome !== OUTCOME.native && outcome !== OUTCOME.translated) return [];
  const rdata = new Uint8Array(16);
  rdata.set(outcome === OUTCOME.native ? [0x20, 1, 0xd, 0xb8, 0, 0x80] : [0, 0x64, 0xff, 0x9b]);
  new DataView(rdata.buffer).setUint32(12, number);
  return [{ owner, type: TYPE.AAAA, rdata }];
}

function wire(name: string): Uint8Array {
  const parsed = parseName(name);
  if (parsed === undefined) throw new Error(`${name} is no name`);
  return parsed;
}
