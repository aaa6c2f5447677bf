import { inWords } from "./bytes-table.ts";
import {
  AAAA_OUTCOMES,
  type DnsPair,
  type DnsQueryFacts,
  HALVES,
  PAIR_CLASSES,
  TRANSPORTS,
} from "./model.ts";
import { emptyRow, kindOf } from "./row.ts";
import type { SegmentBuilder } from "./segment-builder.ts";
import { MAX_ANSWERS, packEdns, QUESTION_TAIL } from "./segment-layout.ts";

/** Adds a pair that is a value. The capture does not come this way; whoever joins halves, imports or tests does. */
export function addPair(builder: SegmentBuilder, pair: DnsPair, points: readonly string[]): void {
  const row = emptyRow();
  row.second = Number(pair.timeNs / 1_000_000_000n);
  row.nanosecond = Number(pair.timeNs % 1_000_000_000n);
  row.latencyUs = pair.latencyUs ?? -1;
  row.client = builder.client(inWords(pair.client), 0, pair.client.length);
  row.clientPort = pair.clientPort;
  const server = Uint8Array.of(...pair.server, pair.serverPort >> 8, pair.serverPort & 0xff);
  row.server = builder.server(inWords(server), 0, server.length);
  row.id = pair.id;
  row.kind = kindOf(
    HALVES.indexOf(pair.half),
    PAIR_CLASSES.indexOf(pair.class),
    TRANSPORTS.indexOf(pair.transport),
  );
  const question = questionKey(pair);
  row.question = builder.question(inWords(question), 0, question.length);
  row.point = Math.max(0, points.indexOf(pair.point));
  row.retries = pair.retries;
  row.hash = pair.messageHash;
  if (pair.response !== undefined) {
    const { answers, edns } = pair.response;
    const key = replyKey(pair);
    row.reply = builder.reply(inWords(key), key.length);
    if (row.reply === builder.replies) {
      builder.addReply({
        ...pair.response,
        name: pair.question.name,
        edns: ednsWord(edns),
        outcome: AAAA_OUTCOMES.indexOf(pair.outcome),
        left: pair.response.answersLeft,
      });
    }
    const ttls = answers
      .slice(0, MAX_ANSWERS)
      .flatMap(({ ttlS }) => [ttlS >>> 24, (ttlS >>> 16) & 0xff, (ttlS >>> 8) & 0xff, ttlS & 0xff]);
    row.ttls = builder.ttls(inWords(Uint8Array.from(ttls)), ttls.length, -1);
  }
  builder.append(row);
}

function questionKey({ question, query }: DnsPair): Uint8Array {
  const { name, type } = question;
  const key = new Uint8Array(name.length + QUESTION_TAIL);
  key.set(name);
  const view = new DataView(key.buffer, name.length);
  view.setUint16(0, type);
  view.setUint16(2, question.class);
  if (query === undefined) return key;
  view.setUint16(4, query.flags);
  view.setUint32(6, ednsWord(query.edns));
  view.setUint16(10, query.size);
  view.setUint8(12, 1);
  return key;
}

/** Not as the capture makes them: two that are the same must be equal, no more. */
function replyKey({ question, response, outcome }: DnsPair): Uint8Array {
  if (response === undefined) return new Uint8Array();
  const { flags, rcode, size, answersLeft, answers } = response;
  const numbers = [AAAA_OUTCOMES.indexOf(outcome), flags, rcode, size, answersLeft, ednsWord(response.edns)];
  const parts = [new Uint8Array(Uint32Array.from([...numbers, question.type]).buffer), question.name];
  for (const { owner, type, rdata } of answers) {
    parts.push(owner, new Uint8Array(Uint32Array.of(type, rdata.length).buffer), rdata);
  }
  const key = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    key.set(part, at);
    at += part.length;
  }
  return key;
}

function ednsWord(edns: DnsQueryFacts["edns"]): number {
  return edns === undefined ? 0 : packEdns(true, edns.udpSize, edns.version, edns.dnssecOk);
}
