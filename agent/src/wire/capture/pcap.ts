import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** Files of libpcap (draft-ietf-opsawg-pcap), both byte orders, micro- and nanoseconds. */

export class PcapError extends VsixError<"pcap-not" | "pcap-link" | "pcap-cut"> {
  constructor(code: "pcap-not" | "pcap-link" | "pcap-cut", message: string) {
    super(code, message);
    this.name = "PcapError";
  }
}

export interface PcapPacket {
  /** Where the network header (or a VLAN tag's TCI) begins, and where what was captured ends. */
  readonly at: number;
  readonly end: number;
  /** Octets on the link from `at` on. */
  readonly length: number;
  readonly protocol: number;
  readonly second: number;
  readonly nanosecond: number;
}

const LINK = {
  ethernet: 1,
  raw: 101,
  loop: 108,
  null: 0,
  sll: 113,
  sll2: 276,
  ipv4: 228,
  ipv6: 229,
} as const;

/** Packets of a file one after another; those of link types that carry no IP are passed over. @throws PcapError */
export function* pcapPackets(file: Uint8Array): Generator<PcapPacket> {
  if (file.length < 24) throw new PcapError("pcap-not", `${file.length} octets are no pcap file`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  const right = little ? magic : view.getUint32(0, false);
  if (right !== 0xa1b2c3d4 && right !== 0xa1b23c4d)
    throw new PcapError("pcap-not", "no pcap file by its first octets");
  const scale = right === 0xa1b23c4d ? 1 : 1000;
  const link = view.getUint32(20, little) & 0xffff;
  let at = 24;
  while (at + 16 <= file.length) {
    const second = view.getUint32(at, little);
    const nanosecond = view.getUint32(at + 4, little) * scale;
    const captured = view.getUint32(at + 8, little);
    const length = view.getUint32(at + 12, little);
    const from = at + 16;
    if (captured > file.length - from) throw new PcapError("pcap-cut", "the file ends amid a packet");
    at = from + captured;
    const network = networkHeader(view, link, from, at);
    if (network === undefined) continue;
    const before = network.at - from;
    yield { ...network, end: at, length: Math.max(length - before, 0), second, nanosecond };
  }
}

function networkHeader(
  view: DataView,
  link: number,
  at: number,
  end: number,
): { readonly at: number; readonly protocol: number } | undefined {
  const behind = (header: number, typeAt: number) =>
    at + header > end ? undefined : { at: at + header, protocol: view.getUint16(at + typeAt) };
  switch (link) {
    case LINK.ethernet:
      return behind(14, 12);
    case LINK.sll:
      return behind(16, 14);
    case LINK.sll2:
      return behind(20, 0);
    case LINK.raw:
    case LINK.ipv4:
    case LINK.ipv6:
      return byVersion(view, at, end);
    case LINK.null:
    case LINK.loop:
      return byVersion(view, at + 4, end);
    default:
      throw new PcapError("pcap-link", `link type ${link} is not known here`);
  }
}

function byVersion(view: DataView, at: number, end: number) {
  if (at >= end) return undefined;
  const version = view.getUint8(at) >> 4;
  return version === 6 ? { at, protocol: 0x86dd } : version === 4 ? { at, protocol: 0x0800 } : undefined;
}
