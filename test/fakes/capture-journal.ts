import {
  encodeJournalHead,
  type JournalHead,
  type JournalPlace,
  KIND,
  putRecordHead,
  RECORD_HEAD,
} from "@vsix/agent/wire/capture/journal.ts";
import type { Octets } from "./dns-packets.ts";
import { type RingPacket, ringFrames } from "./ring-frames.ts";

/** Journals as a capture writes them, for tests. */

export const HEAD: JournalHead & JournalPlace = {
  boot: "0f6b",
  part: "ab".repeat(32),
  thread: "1-1",
  number: 2,
};

export interface FakeRecord {
  readonly kind: number;
  readonly point?: number;
  readonly packets?: number;
  readonly octets?: Octets;
}

export const framesRecord = (packets: readonly RingPacket[], point = 0): FakeRecord => ({
  kind: KIND.frames,
  point,
  packets: packets.length,
  octets: ringFrames(packets),
});

export const timeRecord = (second: number, nanosecond = 0): FakeRecord => ({
  kind: KIND.time,
  octets: new Uint8Array(Uint32Array.of(second, nanosecond).buffer),
});

export function journalFile(records: readonly FakeRecord[], head = HEAD): Octets {
  const parts = [encodeJournalHead(head)];
  for (const { kind, point = 0, packets = 0, octets = new Uint8Array() } of records) {
    const record = new Uint8Array(RECORD_HEAD);
    putRecordHead(record, kind, point, packets, octets.length, head.number);
    parts.push(record, octets);
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
