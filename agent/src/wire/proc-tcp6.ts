import { parseIp6 } from "./netlink/ip-text.ts";

/** One end of a TCP connection; the address as RFC 5952 text. */
export interface TcpEnd {
  readonly address: string;
  readonly port: number;
}

/** TCP_ESTABLISHED, include/net/tcp_states.h. */
const ESTABLISHED = "01";

/**
 * The user who holds the socket of an established connection, from the text of /proc/net/tcp6 (get_tcp6_sock() of the
 * kernel's net/ipv6/tcp_ipv6.c). Undefined where there is none: a socket that its process has closed, or is closing, stands
 * there as user 0 without inode, which is nobody.
 */
export function tcpSocketUser(table: string, local: TcpEnd, remote: TcpEnd): number | undefined {
  const ends = ` ${procEnd(local)} ${procEnd(remote)} ${ESTABLISHED} `;
  const at = table.indexOf(ends);
  if (at < 0) return undefined;
  // tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
  const [, , , uid, , inode] = table
    .slice(at + ends.length, table.indexOf("\n", at))
    .trim()
    .split(/\s+/);
  return inode === undefined || inode === "0" || !/^\d+$/.test(uid ?? "") ? undefined : Number(uid);
}

/** As the kernel prints it: four 32-bit words as this machine (little-endian) has them in memory, and the port. */
function procEnd({ address, port }: TcpEnd): string {
  const bytes = new Uint8Array(16);
  parseIp6(address, 0, address.length, bytes, 0);
  const hex = (value: number, digits: number): string =>
    value.toString(16).toUpperCase().padStart(digits, "0");
  const words = [0, 4, 8, 12].map((at) =>
    [3, 2, 1, 0].map((octet) => hex(bytes[at + octet] ?? 0, 2)).join(""),
  );
  return `${words.join("")}:${hex(port, 4)}`;
}
