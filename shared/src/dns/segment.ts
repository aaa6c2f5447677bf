import { CAPTURE_COUNTERS, type CaptureCounters, noCounters } from "./counters.ts";
import {
  type AaaaOutcome,
  type DnsPair,
  type DnsQueryFacts,
  type DnsRecord,
  type DnsResponseFacts,
  type Edns,
  TYPE,
} from "./model.ts";
import { nameLength } from "./name.ts";
import { classOf, HALF, halfOf, OUTCOME, outcomeName, transportOf } from "./row.ts";
import { SegmentColumns } from "./segment-columns.ts";
import { DnsSegmentError } from "./segment-error.ts";
import type { SegmentHeader } from "./segment-header.ts";
import { type ColumnName, isNameType, type PlaneCodec } from "./segment-layout.ts";

/** A segment to be read. Whatever is asked of it may throw DnsSegmentError; nothing else is thrown. */
export class Segment {
  readonly columns: SegmentColumns;
  readonly header: SegmentHeader;
  #times: Float64Array | undefined;
  #replies: Int32Array | undefined;
  #answerStarts: Uint32Array | undefined;
  #rdataStarts: Uint32Array | undefined;
  readonly #dictionaries = new Map<ColumnName, Uint32Array>();

  /** @param load see SegmentColumns @throws DnsSegmentError */
  constructor(blob: Uint8Array, codec: PlaneCodec, load?: (column: number) => void) {
    this.columns = new SegmentColumns(blob, codec, load);
    this.header = this.columns.header;
  }

  get rows(): number {
    return this.header.rows;
  }

  /** Of each row, nanoseconds since `header.firstEndNs`. */
  times(): Float64Array {
    if (this.#times !== undefined) return this.#times;
    const times = this.columns.differences("time", this.rows);
    const latency = this.columns.numbers("latency", this.rows);
    let end = 0;
    for (let row = 0; row < this.rows; row++) {
      end += times[row] as number;
      times[row] = end - Math.max(0, (latency[row] as number) - 1) * 1000;
    }
    if (!Number.isSafeInteger(end)) throw new DnsSegmentError("bad-column", "time runs away");
    this.#times = times;
    return times;
  }

  /** Of each row the number of its reply; -1 where there is none. */
  replies(): Int32Array {
    if (this.#replies !== undefined) return this.#replies;
    const { rows, columns } = this;
    const codes = columns.numbers("reply", rows);
    const kind = columns.constant("kind");
    // Where nothing but whole pairs was seen, the common case, no row need be asked what it is.
    const kinds = kind === undefined || (kind & 3) === HALF.query ? columns.numbers("kind", rows) : undefined;
    const questions = this.questions();
    const known = columns.count("replyFlags");
    const last = new Int32Array(columns.count("questionName")).fill(-1);
    const replies = new Int32Array(rows).fill(-1);
    let next = 0;
    for (let row = 0; row < rows; row++) {
      if (kinds !== undefined && ((kinds[row] as number) & 3) === HALF.query) continue;
      const code = codes[row] as number;
      const question = questions[row] as number;
      const reply = code === 0 ? (last[question] as number) : code === 1 ? next++ : code - 2;
      if (reply < 0 || reply >= known) throw new DnsSegmentError("bad-index", `reply ${reply} of ${known}`);
      last[question] = reply;
      replies[row] = reply;
    }
    this.#replies = replies;
    return replies;
  }

  questions(): Uint32Array {
    return this.columns.numbers("question", this.rows, this.columns.count("questionName"));
  }

  /** Of each question the number of its name. */
  questionNames(): Uint32Array {
    return this.columns.numbers(
      "questionName",
      this.columns.count("questionName"),
      this.columns.count("nameLengths"),
    );
  }

  clients(): Uint32Array {
    return this.columns.numbers("client", this.rows, this.columns.count("clientLengths"));
  }

  /** An entry of a dictionary; a view of memory that others share. */
  entry(lengths: ColumnName, octets: ColumnName, id: number): Uint8Array {
    const starts = this.dictionary(lengths, octets);
    return this.columns.octets(octets).subarray(starts[id], starts[id + 1]);
  }

  dictionary(lengths: ColumnName, octets: ColumnName): Uint32Array {
    let starts = this.#dictionaries.get(lengths);
    if (starts === undefined) {
      starts = this.columns.starts(lengths, octets);
      this.#dictionaries.set(lengths, starts);
    }
    return starts;
  }

  outcome(row: number): AaaaOutcome {
    const reply = this.replies()[row] ?? -1;
    if (reply >= 0)
      return outcomeName(this.columns.numbers("replyOutcome", this.columns.count("replyFlags"))[reply] ?? 0);
    const question = this.questions()[row] ?? 0;
    const type = this.columns.numbers("questionType", this.columns.count("questionName"))[question];
    return outcomeName(type === TYPE.AAAA ? OUTCOME.unanswered : OUTCOME.none);
  }

  /** What the capture counted since the segment before. */
  counters(): CaptureCounters {
    const numbers = this.columns.numbers("counterNames");
    const values = this.columns.differences("counterValues", numbers.length);
    const counters = noCounters();
    for (let i = 0; i < numbers.length; i++) {
      // A number that is not known is of a newer capture.
      const name = CAPTURE_COUNTERS[numbers[i] ?? -1];
      if (name !== undefined) counters[name] = values[i] ?? 0;
    }
    return counters;
  }

  /** One row as a value of its own. RangeError where there is no such row. */
  pair(row: number): DnsPair {
    if (!(row >= 0 && row < this.rows)) throw new RangeError(`no row ${row} of ${this.rows}`);
    const { columns, rows } = this;
    const value = (name: ColumnName): number => columns.numbers(name, rows)[row] ?? 0;
    const kind = value("kind");
    const half = halfOf(kind);
    const server = this.#server(value("server"));
    const question = this.questions()[row] ?? 0;
    const client = this.entry("clientLengths", "clientOctets", this.clients()[row] ?? 0).slice();
    if (client.length !== 4 && client.length !== 16) throw wrong("an address", client.length);
    const reply = this.replies()[row] ?? -1;
    const name = this.#name(this.questionNames()[question] ?? 0);
    const latency = value("latency");
    return {
      timeNs: this.header.firstEndNs + BigInt(this.times()[row] ?? 0),
      half,
      class: classOf(kind),
      transport: transportOf(kind),
      client,
      clientPort: value("clientPort"),
      server: server.subarray(0, -2),
      serverPort: ((server.at(-2) ?? 0) << 8) | (server.at(-1) ?? 0),
      id: value("id"),
      point: String.fromCharCode(
        ...this.entry("pointLengths", "pointOctets", this.#index("point", row, "pointLengths")),
      ),
      question: {
        name,
        type: this.#question("questionType", question),
        class: this.#question("questionClass", question),
      },
      query: half === "response" ? undefined : this.#query(question),
      response: reply < 0 ? undefined : this.#response(reply, name, row),
      latencyUs: latency === 0 ? undefined : latency - 1,
      retries: value("retries"),
      outcome: this.outcome(row),
      messageHash: value("hash"),
    };
  }

  #index(name: ColumnName, row: number, of: ColumnName): number {
    return this.columns.numbers(name, this.rows, this.columns.count(of))[row] ?? 0;
  }

  #server(id: number): Uint8Array {
    if (id >= this.columns.count("serverLengths")) throw new DnsSegmentError("bad-index", `server ${id}`);
    const server = this.entry("serverLengths", "serverOctets", id).slice();
    if (server.length !== 6 && server.length !== 18) throw wrong("a server", server.length);
    return server;
  }

  #name(id: number): Uint8Array {
    if (id >= this.columns.count("nameLengths")) throw new DnsSegmentError("bad-index", `name ${id}`);
    const name = this.entry("nameLengths", "nameOctets", id).slice();
    if (nameLength(name, 0) !== name.length) throw wrong("a name", name.length);
    return name;
  }

  #question(name: ColumnName, question: number): number {
    return this.columns.numbers(name, this.columns.count("questionName"))[question] ?? 0;
  }

  #query(question: number): DnsQueryFacts {
    return {
      flags: this.#question("questionFlags", question),
      edns: unpackEdns(this.#question("questionEdns", question)),
      size: this.#question("questionSize", question),
    };
  }

  #response(reply: number, name: Uint8Array, row: number): DnsResponseFacts {
    const replies = this.columns.count("replyFlags");
    const value = (column: ColumnName): number => this.columns.numbers(column, replies)[reply] ?? 0;
    return {
      flags: value("replyFlags"),
      rcode: value("replyRcode"),
      edns: unpackEdns(value("replyEdns")),
      size: value("replySize"),
      answers: this.#answers(reply, name, row),
      answersLeft: value("replyLeft"),
    };
  }

  #answers(reply: number, name: Uint8Array, row: number): DnsRecord[] {
    this.#answerStarts ??= this.columns.starts("replyAnswers", "answerOwner");
    const from = this.#answerStarts[reply] ?? 0;
    const end = this.#answerStarts[reply + 1] ?? 0;
    if (from === end) return [];
    const count = this.columns.count("answerOwner");
    const owners = this.columns.numbers("answerOwner", count);
    const types = this.columns.numbers("answerType", count);
    const lengths = this.columns.numbers("answerLength", count);
    const starts = this.#rdata(types, lengths);
    const octets = this.columns.octets("answerOctets");
    const list = this.#index("ttls", row, "ttlCounts");
    const ttlStarts = this.dictionary("ttlCounts", "ttlValues");
    const ttls = this.columns.numbers("ttlValues").subarray(ttlStarts[list], ttlStarts[list + 1]);
    const answers: DnsRecord[] = [];
    let target = name;
    for (let i = from; i < end; i++) {
      const code = owners[i] ?? 0;
      const type = types[i] ?? 0;
      const owner = code === 0 ? name : code === 1 ? target : this.#name(code - 2);
      const rdata = isNameType(type) ? this.#name(lengths[i] ?? 0) : octets.slice(starts[i], starts[i + 1]);
      answers.push({ owner, type, ttlS: ttls[i - from] ?? 0, rdata });
      if (isNameType(type)) target = rdata;
    }
    return answers;
  }

  #rdata(types: Uint32Array, lengths: Uint32Array): Uint32Array {
    if (this.#rdataStarts !== undefined) return this.#rdataStarts;
    const starts = new Uint32Array(lengths.length + 1);
    let at = 0;
    for (let i = 0; i < lengths.length; i++) {
      if (!isNameType(types[i] as number)) at += lengths[i] as number;
      starts[i + 1] = at;
      if (at > 0x7fff_ffff) throw wrong("rdata", at);
    }
    if (at !== this.columns.count("answerOctets")) throw wrong("rdata", at);
    this.#rdataStarts = starts;
    return starts;
  }
}

function unpackEdns(word: number): Edns | undefined {
  if (word === 0) return undefined;
  return { udpSize: word & 0xffff, dnssecOk: ((word >> 16) & 1) === 1, version: (word >> 17) & 0xff };
}

function wrong(what: string, length: number): DnsSegmentError {
  return new DnsSegmentError("bad-column", `${what} of ${length} octets`);
}
