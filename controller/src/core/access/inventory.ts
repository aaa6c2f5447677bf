import type { Fabric } from "@vsix/shared/fabric/model.ts";

/**
 * An Ansible inventory as a script prints it for `--list`: groups by name, and with `_meta` every host's variables, so that
 * Ansible does not ask for each host.
 */
export interface Inventory {
  readonly [group: string]: InventoryGroup | { readonly hostvars: Readonly<Record<string, object>> };
}

interface InventoryGroup {
  readonly hosts?: readonly string[];
  readonly children?: readonly string[];
  readonly vars?: Readonly<Record<string, unknown>>;
}

/** A device that a user enrolled, or may enrol. */
export interface InventoryDevice {
  readonly node: string;
  readonly service: string;
  readonly user: string;
  readonly project: string | null;
  readonly site: string | null;
  readonly state: string;
  readonly endpoint: string | null;
  readonly prefixes: readonly string[];
}

/**
 * Nodes of the fabric by role, plane, site, software and label, and devices of users. A variable is named `vsix_…`, but for
 * `ansible_host`, where a node answers; a device has none, for only its user knows how it is reached.
 */
export function inventoryOf(
  fabric: Fabric | undefined,
  devices: readonly InventoryDevice[] | undefined,
): Inventory {
  const hosts = new Map<string, string[]>();
  const parents = new Map<string, Set<string>>();
  const hostvars: Record<string, object> = {};
  const join = (host: string, kind: string, value: string): void => {
    const group = groupName(`vsix_${kind}_${value}`);
    add(hosts, group, host);
    const parent = `vsix_${kind}s`;
    parents.set(parent, (parents.get(parent) ?? new Set()).add(group));
  };
  for (const node of fabric?.nodes ?? []) {
    const { name, role, plane, site, software, loopback, labels = {} } = node;
    join(name, "role", role);
    join(name, "software", software);
    join(name, "site", site);
    if (plane !== undefined) join(name, "plane", plane);
    for (const [key, value] of Object.entries(labels)) join(name, "label", `${key}_${value}`);
    hostvars[name] = {
      ansible_host: loopback,
      vsix_asn: node.asn,
      vsix_id: node.id,
      vsix_labels: labels,
      vsix_locators: node.locators,
      vsix_loopback: loopback,
      vsix_plane: plane ?? null,
      vsix_prefixes: node.prefixes,
      vsix_role: role,
      vsix_router_id: node.routerId,
      vsix_site: site,
      vsix_software: software,
    };
  }
  for (const device of devices ?? []) {
    const { node, service, user, project, site, state, endpoint, prefixes } = device;
    add(hosts, "vsix_devices", node);
    join(node, "service", service);
    hostvars[node] = {
      vsix_endpoint: endpoint,
      vsix_prefixes: prefixes,
      vsix_project: project,
      vsix_service: service,
      vsix_site: site,
      vsix_state: state,
      vsix_user: user,
    };
  }
  const inventory: Record<string, Inventory[string]> = { _meta: { hostvars } };
  for (const [group, members] of hosts) inventory[group] = { hosts: members };
  for (const [parent, children] of parents) inventory[parent] = { children: [...children] };
  const ungrouped = new Set(parents.keys());
  if (hosts.has("vsix_devices")) ungrouped.add("vsix_devices");
  inventory["all"] = {
    children: [...ungrouped, "ungrouped"],
    vars: fabric === undefined ? {} : { vsix_as: fabric.as, vsix_fabric: fabric.name },
  };
  return inventory;
}

/** Ansible takes letters, digits and underscores. */
function groupName(text: string): string {
  return text.replace(/[^A-Za-z0-9_]/g, "_");
}

function add(groups: Map<string, string[]>, group: string, host: string): void {
  const members = groups.get(group);
  if (members === undefined) groups.set(group, [host]);
  else if (!members.includes(host)) members.push(host);
}
