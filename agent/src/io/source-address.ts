import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Discard (RFC 863): nothing is sent to it. */
const ANY_PORT = 9;

/** The address that this machine would send to `target` from: what the kernel binds a connected socket to. @throws the system's error when there is no route. */
export async function sourceAddressFor(target: string): Promise<string> {
  const socket = createSocket({ type: "udp6", ipv6Only: true });
  try {
    const connected = once(socket, "connect");
    socket.connect(ANY_PORT, target);
    await connected;
    return socket.address().address;
  } finally {
    socket.close();
  }
}
