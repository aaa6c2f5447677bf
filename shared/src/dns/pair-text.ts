import { type DnsPair, type DnsQueryFacts, FLAG, opcodeOf, TYPE } from "./model.ts";
import { formatName } from "./name.ts";
import { finalName } from "./outcome.ts";
import { formatIp, formatRdata } from "./rdata-text.ts";
import { rcodeName, typeName } from "./type-names.ts";

const FLAG_NAMES = ["AA", "TC", "RD", "RA", "AD", "CD"] as const;

export interface PairAnswer {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: string;
}

/** A pair as JSON gives it to people and programs: names and addresses as text. */
export interface PairJson {
  /** RFC 3339, UTC, nanoseconds. */
  readonly time: string;
  readonly half: DnsPair["half"];
  readonly class: DnsPair["class"];
  readonly transport: DnsPair["transport"];
  readonly point: string;
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
  readonly serverPort: number;
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly queryClass: number;
  readonly outcome: DnsPair["outcome"];
  readonly retries: number;
  readonly latencyUs?: number;
  readonly query?: MessageJson;
  readonly response?: MessageJson & {
    readonly rcode: string;
    /** At the end of the chain of CNAMEs. */
    readonly finalName: string;
    readonly answers: readonly PairAnswer[];
    readonly answersLeft?: number;
  };
}

export interface MessageJson {
  readonly opcode: number;
  readonly flags: readonly string[];
  readonly size: number;
  readonly edns?: DnsQueryFacts["edns"];
}

export function pairJson(pair: DnsPair): PairJson {
  const { response, question, latencyUs } = pair;
  return {
    time: formatTime(pair.timeNs),
    half: pair.half,
    class: pair.class,
    transport: pair.transport,
    point: pair.point,
    client: formatIp(pair.client),
    clientPort: pair.clientPort,
    server: formatIp(pair.server),
    serverPort: pair.serverPort,
    id: pair.id,
    name: formatName(question.name),
    type: typeName(question.type),
    queryClass: question.class,
    outcome: pair.outcome,
    retries: pair.retries,
    ...(latencyUs === undefined ? {} : { latencyUs }),
    ...(pair.query === undefined ? {} : { query: messageJson(pair.query) }),
    ...(response === undefined
      ? {}
      : {
          response: {
            ...messageJson(response),
            rcode: rcodeName(response.rcode),
            finalName: formatName(finalName(question.name, response.answers).name),
            answers: response.answers.map(({ owner, type, ttlS, rdata }) => ({
              name: formatName(owner),
              type: typeName(type),
              ttl: ttlS,
              data: formatRdata(type, rdata),
            })),
            ...(response.answersLeft === 0 ? {} : { answersLeft: response.answersLeft }),
          },
        }),
  };
}

/** One line for people. */
export function pairLine(pair: DnsPair): string {
  const { question, response, latencyUs } = pair;
  const asked = `${formatName(question.name)} ${typeName(question.type)}`;
  const who = `${formatIp(pair.client)} > ${formatIp(pair.server)}${pair.transport === "tcp" ? " tcp" : ""}`;
  const waited = latencyUs === undefined ? pair.half : `${(latencyUs / 1000).toFixed(1)} ms`;
  const outcome = question.type === TYPE.AAAA ? ` ${pair.outcome}` : "";
  const said =
    response === undefined
      ? "-"
      : [
          rcodeName(response.rcode),
          ...response.answers.map(({ type, rdata }) => formatRdata(type, rdata)),
        ].join(" ");
  return `${formatTime(pair.timeNs)} ${who} ${asked}${outcome} ${waited} ${said}`;
}

/** RFC 3339 with nanoseconds. */
export function formatTime(ns: bigint): string {
  const text = new Date(Number(ns / 1_000_000n)).toISOString();
  return `${text.slice(0, -1)}${String(ns % 1_000_000n).padStart(6, "0")}Z`;
}

function messageJson({ flags, size, edns }: DnsQueryFacts): MessageJson {
  return {
    opcode: opcodeOf(flags),
    flags: FLAG_NAMES.filter((name) => (flags & FLAG[name]) !== 0),
    size,
    ...(edns === undefined ? {} : { edns }),
  };
}
