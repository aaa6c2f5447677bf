import { BpfAssembly, type BpfLine } from "./bpf-assembly.ts";
import { ETHERTYPE, NEXT_HEADER } from "./packet.ts";

/** Headers that the kernel looks behind; what has more goes to us, who look behind all of them. */
const STEPS = 8;
const ALL = 0x0004_0000;
/** Where the next header's number waits while X moves. */
const NEXT = 0;

/**
 * What a capture of DNS wants of a link, as the kernel's filter: packets of SOCK_DGRAM sockets, which begin with the network
 * header whatever the link is. Looks through VLAN tags, IPv4 options, IPv6 extension headers (routing headers too) and
 * IP in IP; passes later fragments of UDP and TCP, whose ports stand in the first.
 */
export function dnsFilter(ports: readonly number[]): BpfLine[] {
  const bpf = new BpfAssembly();
  bpf.loadProtocol();
  bpf.setX(0);
  bpf.ifEqual(ETHERTYPE.ipv6, "start-6");
  bpf.ifEqual(ETHERTYPE.ipv4, "start-4");
  // A tag that the device did not take off: TCI and type come first.
  for (const depth of [0, 1, 2]) {
    for (const tag of ETHERTYPE.vlans) bpf.ifEqual(tag, `tag-${depth}`);
    bpf.give(0);
    bpf.label(`tag-${depth}`);
    bpf.loadHalf(depth * 4 + 2);
    bpf.ifEqual(ETHERTYPE.ipv6, `tagged-6-${depth}`);
    bpf.ifEqual(ETHERTYPE.ipv4, `tagged-4-${depth}`, `next-${depth}`);
    bpf.label(`tagged-6-${depth}`);
    bpf.setX(depth * 4 + 4);
    bpf.jump("start-6");
    bpf.label(`tagged-4-${depth}`);
    bpf.setX(depth * 4 + 4);
    bpf.jump("start-4");
    bpf.label(`next-${depth}`);
  }
  // Going out, a tag is told of but stands before the network header: the type is not where it would be.
  bpf.setX(0);
  bpf.loadOctet(0);
  bpf.and(0xf0);
  bpf.ifEqual(0x60, "start-6");
  bpf.ifEqual(0x40, "start-4");
  bpf.give(0);
  bpf.label("start-6");
  bpf.loadOctet(6);
  bpf.store(NEXT);
  advance(bpf, 40);
  bpf.jump("step-0");
  bpf.label("start-4");
  ipv4(bpf, "start");
  bpf.jump("step-0");
  bpf.label("later-start");
  bpf.load(NEXT);
  bpf.ifEqual(NEXT_HEADER.udp, "all-start");
  bpf.ifEqual(NEXT_HEADER.tcp, "all-start");
  bpf.give(0);
  bpf.label("all-start");
  bpf.give(ALL);
  for (let step = 0; step < STEPS; step++) header(bpf, step, ports);
  bpf.label(`step-${STEPS}`);
  bpf.give(ALL);
  return bpf.lines();
}

/** X at a header whose number is in A; goes on at the next step with X behind it. */
function header(bpf: BpfAssembly, step: number, ports: readonly number[]): void {
  const here = (label: string): string => `${label}-${step}`;
  const next = `step-${step + 1}`;
  bpf.label(here("step"));
  bpf.ifEqual(NEXT_HEADER.udp, here("ports"));
  bpf.ifEqual(NEXT_HEADER.tcp, here("ports"));
  for (const extension of NEXT_HEADER.extensions) bpf.ifEqual(extension, here("extension"));
  bpf.ifEqual(NEXT_HEADER.ipv6, here("six"));
  bpf.ifEqual(NEXT_HEADER.fragment, here("fragment"));
  bpf.ifEqual(NEXT_HEADER.ipv4, here("four"));
  bpf.ifEqual(NEXT_HEADER.authentication, here("authentication"));
  bpf.give(0);

  bpf.label(here("ports"));
  for (const at of [0, 2]) {
    bpf.loadHalf(at);
    for (const port of ports) bpf.ifEqual(port, here("pass"));
  }
  bpf.give(0);
  bpf.label(here("pass"));
  bpf.give(ALL);

  bpf.label(here("extension"));
  bpf.loadOctet(0);
  bpf.store(NEXT);
  bpf.loadOctet(1);
  bpf.add(1);
  bpf.shiftLeft(3);
  move(bpf, next);

  bpf.label(here("authentication"));
  bpf.loadOctet(0);
  bpf.store(NEXT);
  bpf.loadOctet(1);
  bpf.add(2);
  bpf.shiftLeft(2);
  move(bpf, next);

  bpf.label(here("fragment"));
  bpf.loadOctet(0);
  bpf.store(NEXT);
  bpf.loadHalf(2);
  bpf.ifAnyBit(0xfff8, here("later"));
  advance(bpf, 8);
  bpf.jump(next);

  bpf.label(here("six"));
  bpf.loadOctet(0);
  bpf.and(0xf0);
  bpf.ifEqual(0x60, undefined, here("nothing"));
  bpf.loadOctet(6);
  bpf.store(NEXT);
  advance(bpf, 40);
  bpf.jump(next);

  bpf.label(here("four"));
  ipv4(bpf, String(step));
  bpf.jump(next);

  bpf.label(here("later"));
  bpf.load(NEXT);
  bpf.ifEqual(NEXT_HEADER.udp, here("all"));
  for (const extension of NEXT_HEADER.extensions) bpf.ifEqual(extension, here("all"));
  bpf.ifEqual(NEXT_HEADER.tcp, here("all"), here("nothing"));
  bpf.label(here("all"));
  bpf.give(ALL);
  bpf.label(here("nothing"));
  bpf.give(0);
}

/** Behind an IPv4 header: number of what follows in A. A later fragment jumps to `later-NAME`. */
function ipv4(bpf: BpfAssembly, name: string): void {
  bpf.loadOctet(9);
  bpf.store(NEXT);
  bpf.loadHalf(6);
  bpf.ifAnyBit(0x1fff, `later-${name}`);
  bpf.loadOctet(0);
  bpf.and(0x0f);
  bpf.shiftLeft(2);
  bpf.addX();
  bpf.xFromA();
  bpf.load(NEXT);
}

function advance(bpf: BpfAssembly, octets: number): void {
  bpf.aFromX();
  bpf.add(octets);
  bpf.xFromA();
  bpf.load(NEXT);
}

/** X += A. */
function move(bpf: BpfAssembly, next: string): void {
  bpf.addX();
  bpf.xFromA();
  bpf.load(NEXT);
  bpf.jump(next);
}
