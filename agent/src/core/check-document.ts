import type { Access } from "@vsix/shared/contract/part-access.ts";
import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { CapturePart } from "@vsix/shared/contract/part-capture.ts";
import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { Gate } from "@vsix/shared/contract/part-gate.ts";
import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import type { ProbesPart } from "@vsix/shared/contract/part-probes.ts";
import type { ServicesPart } from "@vsix/shared/contract/part-services.ts";
import type { SteeringPart } from "@vsix/shared/contract/part-steering.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { canonicalIp6, canonicalPrefix6 } from "../wire/netlink/ip-text.ts";
import { faultOfGate } from "./access-gate.ts";
import { compileSpeaker } from "./bgp/compile.ts";
import { faultOfAccess } from "./check-access.ts";
import { faultOfAdvertise } from "./check-advertise.ts";
import { faultOfCapture } from "./check-capture.ts";
import { faultOfEgress } from "./check-egress.ts";
import { faultOfEpe } from "./check-epe.ts";
import { faultOfHome } from "./check-home.ts";
import { faultOfServices } from "./check-services.ts";
import { compileKernel } from "./compile/kernel.ts";
import type { LinkFact } from "./compile/links.ts";
import { compileFilters } from "./filters.ts";

/** A document whose parts have the right shape and still make no sense. */
export class SenselessError extends VsixError<"senseless"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("senseless", message, options);
    this.name = "SenselessError";
  }
}

export interface CheckedParts {
  readonly fabric: FabricPart;
  readonly bgp: BgpPart;
  readonly steering: SteeringPart | undefined;
  readonly epe?: EpePart | undefined;
  readonly probes?: ProbesPart | undefined;
  readonly access?: Access | undefined;
  readonly services?: ServicesPart | undefined;
  readonly capture?: CapturePart | undefined;
  readonly advertise?: AdvertisePart | undefined;
  readonly home?: HomePart | undefined;
  readonly gate?: Gate | undefined;
}

/** IFNAMSIZ with its final NUL, linux/if.h. */
const MAX_INTERFACE_NAME = 15;

/**
 * Works the whole desired state out once, as if every link were up, and looks at each address and name in it. Done before
 * a document is kept: what cannot be compiled must never be in force. Throws {@link SenselessError}, naming the field.
 */
export function checkDocument(parts: CheckedParts): void {
  const { fabric, bgp, steering, probes, epe, access, services, capture, advertise, home, gate } = parts;
  for (const [field, text, kind] of texts(fabric, bgp)) {
    const ok = kind === "address" ? canonicalIp6(text) !== undefined : canonicalPrefix6(text) !== undefined;
    if (!ok) throw new SenselessError(`${field}: ${JSON.stringify(text.slice(0, 64))} is no IPv6 ${kind}`);
  }
  if (!/^(\d{1,3})(\.\d{1,3}){3}$/.test(bgp.routerId))
    throw new SenselessError(`bgp /routerId: ${JSON.stringify(bgp.routerId.slice(0, 64))} is no dotted quad`);
  const names = new Set<string>();
  for (const [i, { name }] of fabric.interfaces.entries()) {
    if (!/^[^\s/:]+$/.test(name) || name.length > MAX_INTERFACE_NAME || name === "." || name === "..")
      throw new SenselessError(
        `fabric /interfaces/${i}/name: ${JSON.stringify(name.slice(0, 64))} is no interface`,
      );
    if (names.has(name)) throw new SenselessError(`fabric /interfaces/${i}/name: ${name} is there twice`);
    names.add(name);
  }
  const fault = epe === undefined ? undefined : faultOfEpe(epe, { fabric, ownPrefixes: bgp.ownPrefixes });
  if (fault !== undefined) throw new SenselessError(fault);
  const ofEgress = faultOfEgress(probes?.egress ?? {}, fabric);
  if (ofEgress !== undefined) throw new SenselessError(ofEgress);
  const ofAccess = access === undefined ? undefined : faultOfAccess(access, bgp.ownPrefixes);
  if (ofAccess !== undefined) throw new SenselessError(ofAccess);
  const wrong =
    (services === undefined ? undefined : faultOfServices(services)) ??
    (capture === undefined ? undefined : faultOfCapture(capture)) ??
    (advertise === undefined ? undefined : faultOfAdvertise(advertise, fabric)) ??
    (home === undefined ? undefined : faultOfHome(home)) ??
    (gate === undefined ? undefined : faultOfGate(gate));
  if (wrong !== undefined) throw new SenselessError(wrong);
  try {
    compileSpeaker({ bgp, nodeId: fabric.node.id, ...(steering === undefined ? {} : { steering }) });
    compileFilters(fabric, epe, services?.translator, undefined, probes?.egress);
    compileKernel(
      fabric,
      new Map([...names].map((name): [string, LinkFact] => [name, { usable: true }])),
      () => true,
      undefined,
      { epe, off: false, aged: false },
    );
  } catch (cause) {
    throw new SenselessError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

type Text = readonly [field: string, text: string, kind: "address" | "prefix"];

function* texts(fabric: FabricPart, bgp: BgpPart): Generator<Text> {
  yield ["fabric /node/loopback", fabric.node.loopback, "address"];
  yield ["fabric /sidBlock", fabric.sidBlock, "prefix"];
  yield* all("fabric /loopbackAddresses", fabric.loopbackAddresses, "prefix");
  yield* all("fabric /blackholes", fabric.blackholes, "prefix");
  for (const [i, port] of fabric.interfaces.entries()) {
    const place = `fabric /interfaces/${i}`;
    yield [`${place}/peerAddress`, port.peerAddress, "address"];
    yield* all(`${place}/addresses`, port.addresses, "prefix");
    yield* all(`${place}/sources`, (port.sources ?? []).map(withLength), "prefix");
  }
  for (const [i, sid] of fabric.sids.entries()) {
    yield [`fabric /sids/${i}/sid`, withLength(sid.sid), "prefix"];
    if ("nextHop" in sid) yield [`fabric /sids/${i}/nextHop`, sid.nextHop, "address"];
  }
  for (const [i, override] of fabric.overrides.entries()) {
    yield [`fabric /overrides/${i}/prefix`, override.prefix, "prefix"];
    yield* all(`fabric /overrides/${i}/segments`, override.segments, "address");
  }
  for (const [i, { address }] of bgp.neighbours.entries())
    yield [`bgp /neighbours/${i}/address`, address, "address"];
  yield* all(
    "bgp /originate",
    bgp.originate.map(({ prefix }) => prefix),
    "prefix",
  );
  yield* all("bgp /ownPrefixes", bgp.ownPrefixes, "prefix");
}

function* all(place: string, list: readonly string[], kind: Text[2]): Generator<Text> {
  for (const [i, text] of list.entries()) yield [`${place}/${i}`, text, kind];
}

function withLength(text: string): string {
  return text.includes("/") ? text : `${text}/128`;
}
