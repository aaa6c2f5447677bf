import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * `delegation-flood.ts COUNT PREFIXES`: on a home router, a client with a DUID that nobody knows for each message. COUNT SOLICITs for PREFIXES prefixes each, eight
 * a millisecond at most, into `home`; prints how many were sent and how many were answered. One that is offered more than one prefix asks for them.
 */

const ADVERTISE = 2;
const REQUEST = 3;
const [count = 1, prefixes = 1] = process.argv.slice(2).map(Number);
const socket = createSocket("udp6");
let answered = 0;
/** IA_PDs with a prefix, and statuses of those without, of the last answer. */
const last: { prefixes: number; statuses: number[] } = { prefixes: 0, statuses: [] };
socket.on("message", (bytes) => {
  answered++;
  if (bytes[0] === ADVERTISE && prefixes > 1) {
    const server = optionOf(bytes, 2);
    if (server === undefined) throw new Error("an offer without a server");
    const request = Buffer.concat([solicit(0), server]);
    request[0] = REQUEST;
    socket.send(request, 547, "ff02::1:2%home", () => undefined);
  }
  last.prefixes = 0;
  last.statuses = [];
  for (let at = 4; at + 4 <= bytes.length; at += 4 + bytes.readUInt16BE(at + 2)) {
    if (bytes.readUInt16BE(at) !== 25) continue;
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    for (let inner = at + 16; inner + 4 <= end; inner += 4 + bytes.readUInt16BE(inner + 2))
      if (bytes.readUInt16BE(inner) === 26) last.prefixes++;
      else if (bytes.readUInt16BE(inner) === 13) last.statuses.push(bytes.readUInt16BE(inner + 4));
  }
});
await new Promise<void>((resolve) => socket.bind({ port: 546, address: "::" }, resolve));
for (let i = 0; i < count; i++) {
  socket.send(solicit(i), 547, "ff02::1:2%home", () => undefined);
  if (i % 8 === 7) await sleep(1);
}
await sleep(2000);
console.log(JSON.stringify({ sent: count, answered, last }));
socket.close();

/** An option of a message, with its header. */
function optionOf(bytes: Buffer, code: number): Buffer | undefined {
  for (let at = 4; at + 4 <= bytes.length; at += 4 + bytes.readUInt16BE(at + 2))
    if (bytes.readUInt16BE(at) === code) return bytes.subarray(at, at + 4 + bytes.readUInt16BE(at + 2));
  return undefined;
}

/** RFC 8415 sections 8, 21.2 and 21.21. */
function solicit(i: number): Buffer {
  const message = Buffer.alloc(4 + 14 + 16 * prefixes);
  message.writeUInt32BE(0x01000000 | (i & 0xffffff), 0);
  message.writeUInt16BE(1, 4);
  message.writeUInt16BE(10, 6);
  message.writeUInt32BE(0x00030001, 8);
  message.writeUInt32BE(0x02000000, 12);
  message.writeUInt16BE(i & 0xffff, 16);
  for (let ia = 0; ia < prefixes; ia++) {
    message.writeUInt16BE(25, 18 + 16 * ia);
    message.writeUInt16BE(12, 20 + 16 * ia);
    message.writeUInt32BE(ia + 1, 22 + 16 * ia);
  }
  return message;
}
