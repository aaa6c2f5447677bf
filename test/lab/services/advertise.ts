import { NdSocket } from "@vsix/agent/io/nd-socket.ts";
import { parseIp6, parsePrefix6 } from "@vsix/agent/wire/netlink/ip-text.ts";

/**
 * Tells a link of a router, every half second until it ends: `node advertise.ts INDEX PREFIX/64 RESOLVER PREF64/96`. With MTU 1500.
 */
const [index = "0", prefix = "", resolver = "", pref64 = ""] = process.argv.slice(2);
const ALL_NODES = "ff02::1";
const EVERY_MS = 500;
const LIFETIME_S = 1800;

function address(text: string): readonly number[] {
  const bytes = new Uint8Array(16);
  if (!parseIp6(text, 0, text.length, bytes, 0)) throw new Error(`${text} is no address`);
  return [...bytes];
}

function network(text: string): readonly number[] {
  const bytes = new Uint8Array(16);
  if (parsePrefix6(text, bytes, 0) < 0) throw new Error(`${text} is no prefix`);
  return [...bytes];
}

const lifetime = [0, 0, LIFETIME_S >> 8, LIFETIME_S & 255];
/** RFC 4861 section 4.2; PREF64 by RFC 8781: the lifetime in units of 8 s, and code 0 for a /96. */
const message = Uint8Array.from([
  ...[134, 0, 0, 0, 64, 0, ...lifetime.slice(2), 0, 0, 0, 0, 0, 0, 0, 0],
  ...[5, 1, 0, 0, 0, 0, 1500 >> 8, 1500 & 255],
  ...[3, 4, 64, 0xc0, ...lifetime, ...lifetime, 0, 0, 0, 0, ...network(prefix)],
  ...[25, 3, 0, 0, ...lifetime, ...address(resolver)],
  ...[38, 2, LIFETIME_S >> 8, LIFETIME_S & 0xf8, ...network(pref64).slice(0, 12)],
]);

const socket = new NdSocket(() => undefined);
const send = (): void => {
  try {
    socket.send(message, ALL_NODES, Number(index));
  } catch {
    // The link is down for a moment.
  }
};
send();
setInterval(send, EVERY_MS);
