import { endpointFault } from "@vsix/controller/core/access/endpoint.ts";
import { readNetbox, showWish } from "@vsix/controller/core/access/netbox-forms.ts";
import { publicKeyFault } from "@vsix/controller/core/access/wireguard-key.ts";
import { isSigned } from "@vsix/controller/netbox/webhook.ts";
import { formatPrefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { FuzzTarget } from "./targets.ts";

/** What users and a NetBox send. */

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (octets: Uint8Array): string => Buffer.from(octets).toString("utf8");
const pool = parsePrefix("2001:db8:100::/40");

const page = {
  count: 2,
  next: null,
  previous: null,
  results: [
    {
      id: 1,
      prefix: "2001:db8:100::/60",
      vrf: null,
      status: { value: "active", label: "Active" },
      scope_type: "dcim.site",
      scope: { id: 3, slug: "kote" },
      tenant: { id: 4, slug: "lab" },
      role: null,
      description: "a lab",
      tags: [{ slug: "vsix" }],
    },
    { id: 2, prefix: "2001:db8::/32", status: "container", site: { slug: "note" } },
  ],
};

/** Whatever is read can be shown, and is then read as the same. */
function netbox(octets: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(text(octets));
  } catch {
    return;
  }
  for (const one of readNetbox(value).prefixes) {
    if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(one.description))
      throw new Error(`a stranger's text got through: ${JSON.stringify(one.description)}`);
    const shown = showWish({ ...one, prefix: formatPrefix(one.prefix) });
    const [again] = readNetbox([shown]).prefixes;
    if (JSON.stringify(again?.prefix) !== JSON.stringify(one.prefix) || again?.status !== one.status)
      throw new Error("what was read and shown is read as something else");
  }
}

export const ACCESS_TARGETS: readonly FuzzTarget[] = [
  { name: "netbox", throws: [], seeds: [bytes(JSON.stringify(page))], run: netbox, json: true },
  {
    name: "access-ends",
    throws: [],
    seeds: [bytes("2001:db8:1::1"), bytes("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=")],
    run: (octets) => {
      const said = text(octets);
      publicKeyFault(said);
      endpointFault(said, pool === undefined ? [] : [pool]);
      isSigned(octets, said, "secret");
    },
  },
];
