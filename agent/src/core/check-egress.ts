import type { EgressAdmission, EgressPart } from "@vsix/shared/contract/part-egress.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { type AddressBytes, formatAddress, parseAddress } from "@vsix/shared/net/address.ts";
import { containsAddress, parsePrefix } from "@vsix/shared/net/prefix.ts";

/**
 * What makes no sense in what part `probes` wants of the packet filters, as `FIELD: REASON`; undefined when all is well. What fails while
 * measuring is left out and told instead (egress/plan.ts).
 */
export function faultOfEgress(
  { admit = [], count = [] }: Pick<EgressPart, "admit" | "count">,
  fabric: FabricPart,
): string | undefined {
  for (const [i, text] of count.entries())
    if (parsePrefix(text) === undefined)
      return `probes /egress/count/${i}: ${quoted(text)} is no IPv6 prefix`;
  return faultOfAdmissions(admit, fabric);
}

/** Each opens the SID block a little: only at ports that face Edges, only for a source that this Edge may have, only to SIDs. */
function faultOfAdmissions(
  admissions: readonly EgressAdmission[],
  { node, interfaces, sidBlock }: FabricPart,
): string | undefined {
  const block = parsePrefix(sidBlock);
  for (const [i, { interface: name, source: text, sids }] of admissions.entries()) {
    const place = `probes /egress/admit/${i}`;
    const port = interfaces.find((one) => one.name === name);
    if (node.role !== "plane") return `${place}: this node is no plane router`;
    if (port?.faces !== "edge") {
      const reason = port === undefined ? "is no port of this node" : `faces ${port.faces}, not an Edge`;
      return `${place}/interface: ${quoted(name)} ${reason}`;
    }
    const source = parseAddress(text);
    if (source === undefined) return `${place}/source: ${quoted(text)} is no IPv6 address`;
    if (!(port.sources ?? []).some((own) => isIn(own, source)))
      return `${place}/source: ${formatAddress(source)} is none of the Edge at ${name}`;
    for (const [j, sid] of sids.entries()) {
      const address = parseAddress(sid);
      if (address === undefined) return `${place}/sids/${j}: ${quoted(sid)} is no IPv6 address`;
      if (block === undefined || !containsAddress(block, address))
        return `${place}/sids/${j}: ${sid} lies outside the SID block`;
    }
  }
  return undefined;
}

/** @param own prefix or address. */
function isIn(own: string, address: AddressBytes): boolean {
  const prefix = parsePrefix(own.includes("/") ? own : `${own}/128`);
  return prefix !== undefined && containsAddress(prefix, address);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
