import { type WordBuffer, wordBuffer } from "@vsix/shared/dns/bytes-table.ts";
import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import { hashWords } from "@vsix/shared/dns/hash.ts";
import { AAAA_OUTCOMES, FLAG, TYPE } from "@vsix/shared/dns/model.ts";
import { outcomeBy } from "@vsix/shared/dns/outcome.ts";
import type { Room } from "@vsix/shared/dns/room.ts";
import { CLASS, emptyRow, HALF, kindOf, type PairRow, TRANSPORT } from "@vsix/shared/dns/row.ts";
import type { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { QUESTION_TAIL } from "@vsix/shared/dns/segment-layout.ts";
import { translatedBy } from "@vsix/shared/net/pref64.ts";
import type { Prefix } from "@vsix/shared/net/prefix.ts";
import { AnswerReader } from "../../wire/dns/answers.ts";
import { MESSAGE, MessageReader, REPLY_ROOM, TTLS_ROOM } from "../../wire/dns/message.ts";
import { Views } from "../../wire/views.ts";
import { CLIENT_PORT_AT, ID_AT, QUESTION, SERVER, TRANSPORT_AT, writeHead } from "./pair-key.ts";
import { KEY_HEAD, KEY_ROOM, PendingQueries } from "./pending.ts";
import { restorePending, savePending } from "./pending-saved.ts";
import { ResolverSet } from "./resolver-set.ts";

export interface EngineOptions {
  readonly ports: readonly number[];
  readonly pref64: readonly Prefix[];
  /** Addresses whose questions are those of a resolver. Where there are none, RD tells: only resolvers ask without it. */
  readonly resolvers: readonly Uint8Array[];
  /** How long a response is waited for. */
  readonly timeoutMs: number;
  /** Queries that may wait at a time. */
  readonly capacity: number;
  /** Secret of the hashes; any 32 bits. */
  readonly seed: number;
  /** Where the queries that wait are. */
  readonly room?: Room;
}

/**
 * Makes rows of DNS messages: pairs of what belongs together, halves of what does not. The builder gets the rows; `full` is
 * called before the next thing that may make one where it can take no more, and must empty it: nothing is half done then.
 */
export class PairEngine {
  readonly #options: EngineOptions;
  readonly #builder: SegmentBuilder;
  readonly #counters: CaptureCounters;
  readonly #full: () => void;
  readonly #pending: PendingQueries;
  readonly #views = new Views();
  readonly #reader = new MessageReader(this.#views);
  readonly #answers = new AnswerReader();
  readonly #key = wordBuffer(KEY_ROOM + QUESTION_TAIL + 4);
  readonly #reply = wordBuffer(REPLY_ROOM);
  readonly #ttls = wordBuffer(TTLS_ROOM);
  readonly #row = emptyRow();
  #replyLength = 0;
  readonly #isPort = new Uint8Array(65_536);
  readonly #timeoutNs: number;
  readonly #resolvers: ResolverSet;

  constructor(options: EngineOptions, builder: SegmentBuilder, counters: CaptureCounters, full: () => void) {
    this.#options = options;
    this.#builder = builder;
    this.#counters = counters;
    this.#full = full;
    this.#pending = new PendingQueries(options.capacity, options.seed, options.room);
    this.#timeoutNs = options.timeoutMs * 1e6;
    this.#resolvers = new ResolverSet(options.resolvers);
    for (const port of options.ports) this.#isPort[port] = 1;
  }

  /** The next row is for another segment. */
  get isFull(): boolean {
    return this.#builder.full;
  }

  /** Queries that wait. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** The queries that wait, for {@link restore} in another life. */
  save(): Uint8Array {
    return savePending(this.#pending);
  }

  /** These wait, and no others. @throws JournalError for what save() did not make. */
  restore(saved: Uint8Array, points: number, nowS: number): void {
    restorePending(this.#pending, saved, points, nowS);
  }

  isPort(port: number): boolean {
    return this.#isPort[port] === 1;
  }

  /** One DNS message: octets `at` to `end`, and who sent it to whom. */
  message(
    bytes: Uint8Array,
    at: number,
    end: number,
    addresses: Uint8Array,
    sourceAt: number,
    destinationAt: number,
    addressLength: number,
    sourcePort: number,
    destinationPort: number,
    transport: number,
    second: number,
    nanosecond: number,
    point: number,
  ): void {
    if (this.#builder.full) this.#full();
    const reader = this.#reader;
    const key = this.#key;
    const wrong = reader.question(bytes, at, end, key, QUESTION);
    if (wrong !== MESSAGE.right) {
      this.#countWrong(wrong);
      return;
    }
    const response = reader.isResponse;
    const serverPort = response ? sourcePort : destinationPort;
    if (this.#isPort[serverPort] === 0) {
      this.#counters.notDns++;
      return;
    }
    writeHead(
      key.words,
      this.#views.of(addresses),
      response ? destinationAt : sourceAt,
      response ? sourceAt : destinationAt,
      addressLength,
      response ? destinationPort : sourcePort,
      serverPort,
      reader.id,
      transport,
    );
    const length = KEY_HEAD + reader.questionLength;
    const hash = this.#pending.hashOf(key, length);
    if (response) this.#response(bytes, length, hash, second, nanosecond, point);
    else this.#query(bytes, length, hash, second, nanosecond, point);
  }

  /** Gives up queries that have waited too long at this time. */
  expire(second: number, nanosecond: number): void {
    const pending = this.#pending;
    for (let slot = pending.oldest; slot >= 0; slot = pending.oldest) {
      const waited =
        (second - (pending.seconds[slot] as number)) * 1e9 +
        nanosecond -
        (pending.nanoseconds[slot] as number);
      if (waited < this.#timeoutNs) return;
      if (this.#builder.full) this.#full();
      this.#counters.unanswered++;
      this.#giveUp(slot);
    }
  }

  /** Gives up all of them: nothing more comes. */
  end(): void {
    const pending = this.#pending;
    for (let slot = pending.oldest; slot >= 0; slot = pending.oldest) {
      if (this.#builder.full) this.#full();
      this.#counters.unanswered++;
      this.#giveUp(slot);
    }
  }

  #query(
    bytes: Uint8Array,
    length: number,
    hash: number,
    second: number,
    nanosecond: number,
    point: number,
  ): void {
    const pending = this.#pending;
    const reader = this.#reader;
    this.#counters.queries++;
    const waiting = pending.find(this.#key, length, hash);
    if (waiting >= 0) {
      // The same packet, on its way through this machine.
      if (pending.points[waiting] !== point) this.#counters.otherPoint++;
      else {
        this.#counters.retransmitted++;
        const retries = pending.retries[waiting] as number;
        if (retries < 255) pending.retries[waiting] = retries + 1;
      }
      return;
    }
    if (pending.full) {
      this.#counters.evicted++;
      this.#giveUp(pending.oldest);
    }
    reader.query(bytes);
    if (reader.damaged) this.#counters.messageRecord++;
    const slot = pending.add(this.#key, length, hash);
    pending.seconds[slot] = second;
    pending.nanoseconds[slot] = nanosecond;
    pending.flags[slot] = reader.flags;
    pending.edns[slot] = reader.edns;
    pending.sizes[slot] = reader.size;
    pending.points[slot] = point;
    pending.retries[slot] = 0;
  }

  #response(
    bytes: Uint8Array,
    length: number,
    hash: number,
    second: number,
    nanosecond: number,
    point: number,
  ): void {
    const pending = this.#pending;
    const reader = this.#reader;
    const row = this.#row;
    const key = this.#key;
    this.#counters.responses++;
    const slot = pending.find(key, length, hash);
    if (slot < 0) {
      const seen = pending.recentPoint(hash);
      if (seen >= 0) {
        if (seen === point) this.#counters.duplicates++;
        else this.#counters.otherPoint++;
        return;
      }
    }
    row.reply = this.#replyOf(bytes);
    const builder = this.#builder;
    row.ttls = builder.ttls(this.#ttls, reader.readable * 4, builder.ttlsOf(row.reply));
    if (slot >= 0) {
      const before = pending.seconds[slot] as number;
      const ns = pending.nanoseconds[slot] as number;
      const latency = Math.floor(((second - before) * 1e9 + nanosecond - ns) / 1000);
      row.second = before;
      row.nanosecond = ns;
      row.latencyUs = Math.min(Math.max(latency, 0), 0xffff_fff0);
      row.retries = pending.retries[slot] as number;
      row.point = pending.points[slot] as number;
      row.hash = 0;
      const flags = pending.flags[slot] as number;
      this.#question(key, length, flags, pending.edns[slot] as number, pending.sizes[slot] as number, 1);
      pending.remove(slot);
      this.#counters.pairs++;
      this.#append(key, HALF.whole, flags);
    } else {
      row.second = second;
      row.nanosecond = nanosecond;
      row.latencyUs = -1;
      row.retries = 0;
      row.point = point;
      row.hash = hashWords(this.#reply.words, 0, this.#replyLength, 0) >>> 0;
      this.#question(key, length, 0, 0, 0, 0);
      this.#counters.unmatched++;
      this.#append(key, HALF.response, reader.flags);
    }
    pending.remember(hash, point);
  }

  /** A query without response becomes a row. */
  #giveUp(slot: number): void {
    const pending = this.#pending;
    const row = this.#row;
    const length = pending.keyLengths[slot] as number;
    // The key of what is at hand must stay.
    const key = GIVEN_UP;
    const from = slot * KEY_ROOM;
    for (let i = 0; i < length; i++) key.bytes[i] = pending.keys.bytes[from + i] as number;
    row.second = pending.seconds[slot] as number;
    row.nanosecond = pending.nanoseconds[slot] as number;
    row.latencyUs = -1;
    row.retries = pending.retries[slot] as number;
    row.point = pending.points[slot] as number;
    row.reply = -1;
    row.ttls = 0;
    const flags = pending.flags[slot] as number;
    this.#question(key, length, flags, pending.edns[slot] as number, pending.sizes[slot] as number, 1);
    row.hash = hashWords(key.words, QUESTION, length + QUESTION_TAIL - KEY_HEAD, 0) >>> 0;
    pending.remove(slot);
    this.#append(key, HALF.query, flags);
  }

  #question(
    buffer: WordBuffer,
    length: number,
    flags: number,
    edns: number,
    size: number,
    seen: number,
  ): void {
    const key = buffer.bytes;
    const row = this.#row;
    const builder = this.#builder;
    if (row.reply >= 0 && seen === 1) {
      // A reply has its question in it: it was asked in the same way as before, or is looked for.
      const before = builder.questionOf(row.reply);
      if (before >= 0 && builder.isAsked(before, flags, edns, size)) {
        row.question = before;
        return;
      }
    }
    let at = length;
    key[at++] = flags >> 8;
    key[at++] = flags & 0xff;
    key[at++] = edns >>> 24;
    key[at++] = (edns >> 16) & 0xff;
    key[at++] = (edns >> 8) & 0xff;
    key[at++] = edns & 0xff;
    key[at++] = size >> 8;
    key[at++] = size & 0xff;
    key[at++] = seen;
    fillUp(key, at);
    row.question = builder.question(buffer, QUESTION, at - KEY_HEAD);
    if (row.reply >= 0 && seen === 1) builder.remember(row.reply, row.question, row.ttls);
  }

  #append(buffer: WordBuffer, half: number, flags: number): void {
    const row: PairRow = this.#row;
    const builder = this.#builder;
    const key = buffer.bytes;
    const addressLength = key[TRANSPORT_AT + 1] as number;
    const transport = key[TRANSPORT_AT] as number;
    row.client = builder.client(buffer, 0, addressLength);
    row.server = builder.server(buffer, SERVER, addressLength + 2);
    row.clientPort = ((key[CLIENT_PORT_AT] as number) << 8) | (key[CLIENT_PORT_AT + 1] as number);
    row.id = ((key[ID_AT] as number) << 8) | (key[ID_AT + 1] as number);
    row.kind = kindOf(half, this.#classOf(buffer, addressLength, flags), transport);
    builder.append(row);
  }

  #classOf({ words }: WordBuffer, addressLength: number, flags: number): number {
    const isResolver = this.#resolvers.isEmpty
      ? (flags & FLAG.RD) === 0
      : this.#resolvers.has(words, addressLength);
    return isResolver ? CLASS.authority : CLASS.client;
  }

  #replyOf(bytes: Uint8Array): number {
    const reader = this.#reader;
    const builder = this.#builder;
    const length = reader.reply(bytes, this.#key, QUESTION, this.#reply, this.#ttls);
    this.#replyLength = length;
    if (reader.damaged) this.#counters.messageRecord++;
    const reply = builder.reply(this.#reply, length);
    if (reply < builder.replies) return reply;
    this.#newReply(bytes);
    return reply;
  }

  #newReply(bytes: Uint8Array): void {
    const reader = this.#reader;
    const builder = this.#builder;
    const answers = this.#answers;
    const { from, end, readable, flags, rcode, type } = reader;
    builder.beginReply(flags, rcode, reader.edns, reader.size);
    answers.begin(reader.answersAt);
    let [native, translated, read] = [false, false, 0];
    for (; read < readable && answers.next(bytes, from, end); read++) {
      const { rdata, rdataFrom, rdataEnd } = answers;
      builder.answer(answers.owner, answers.ownerLength, answers.type, rdata, rdataFrom, rdataEnd);
      if (answers.type !== TYPE.AAAA || rdataEnd - rdataFrom !== 16) continue;
      if (translatedBy(this.#options.pref64, rdata, rdataFrom) === undefined) native = true;
      else translated = true;
    }
    if (read < readable) this.#counters.messagePointer++;
    const outcome = AAAA_OUTCOMES.indexOf(outcomeBy(type, rcode, flags, native, translated));
    builder.finishReply(outcome, reader.answers - read);
  }

  #countWrong(wrong: number): void {
    const counters = this.#counters;
    if (wrong === MESSAGE.short) counters.messageShort++;
    else if (wrong === MESSAGE.count) counters.messageCount++;
    else if (wrong === MESSAGE.name) counters.messageName++;
    else if (wrong === MESSAGE.pointer) counters.messagePointer++;
    else counters.messageOpcode++;
  }
}

/** Zeros to the end of the last word. */
function fillUp(bytes: Uint8Array, end: number): void {
  bytes[end] = 0;
  bytes[end + 1] = 0;
  bytes[end + 2] = 0;
}

const GIVEN_UP = wordBuffer(KEY_ROOM + QUESTION_TAIL + 4);
export const UDP = TRANSPORT.udp;
export const TCP = TRANSPORT.tcp;
