import { BATCH_MAX, META_PER_SLOT, native, SLOT_DATA_OFFSET } from "../../agent/native/load.ts";
import { encodeControl } from "../../agent/src/io/icmp6-control.ts";
import { socketAddress } from "../../agent/src/io/raw-socket.ts";
import { formatIp6 } from "../../agent/src/wire/netlink/ip-text.ts";

/**
 * A target that cannot be trusted: `node egress-liar.ts ADDRESS ELSEWHERE`, where the kernel answers no echoes itself. Each echo
 * request is answered from elsewhere, with another token, with what was asked before, rightly, and rightly once more.
 */
const [, , address = "", elsewhere = ""] = process.argv;
const SLOT = SLOT_DATA_OFFSET + 2048;
const socket = new (native().Socket)(10, 3, 58);
const buffer = new Uint8Array(SLOT * BATCH_MAX);
const meta = new Int32Array(META_PER_SLOT * BATCH_MAX);
const bound = socketAddress(address);
if (bound === undefined || socket.bind(bound) < 0) throw new Error(`no socket at ${address}`);
/** The last request of each identifier. */
const before = new Map<number, Uint8Array>();

socket.poll(() => {
  const count = socket.recv(buffer, SLOT, meta);
  for (let i = 0; i < count; i++) {
    const start = i * SLOT;
    const length = meta[i * META_PER_SLOT] ?? 0;
    const request = buffer.slice(start + SLOT_DATA_OFFSET, start + SLOT_DATA_OFFSET + length);
    if (request[0] === 128) answer(request, formatIp6(buffer, start + 8));
  }
});
process.stdout.write("ready\n");

function answer(request: Uint8Array, to: string): void {
  const reply = request.slice();
  reply[0] = 129;
  const id = ((request[4] ?? 0) << 8) | (request[5] ?? 0);
  const other = reply.slice();
  other.set([1, 2, 3, 4], 8);
  say(reply, to, elsewhere);
  say(other, to, address);
  say(before.get(id) ?? other, to, address);
  say(reply, to, address);
  say(reply, to, address);
  before.set(id, reply);
}

/** The kernel writes the checksum. */
function say(message: Uint8Array, to: string, from: string): void {
  const control = encodeControl({ source: from, hopLimit: undefined, interfaceIndex: 0 });
  const sent = socket.send(message, socketAddress(to), control);
  if (sent < 0) process.stderr.write(`cannot answer from ${from}: errno ${-sent}\n`);
}
