import type { Draft } from "./draft.ts";
import type { Path } from "./fault.ts";
import { MAX_PLANES } from "./plan.ts";

/** AS numbers and node ids: each means one thing. */
export function checkNumbers(draft: Draft): void {
  const members = checkMembers(draft);
  const edges = new Map<number, string>();
  for (const node of draft.nodes.values()) {
    const path = [...node.path, "as"];
    const report = (message: string) => draft.report({ path, message });
    const asn = node.as;
    if (node.role === "plane" || node.role === "external-edge") {
      if (asn !== undefined) {
        report(`a ${node.role} node speaks as its confederation member; take \`as\` away`);
      }
      continue;
    }
    if (node.role === undefined) continue;
    if (asn === undefined) {
      if (!Object.hasOwn(node, "as")) {
        draft.report({
          path: node.path,
          at: "key",
          message: `${node.role} ${node.name} needs \`as\`, its AS number`,
        });
      }
      continue;
    }
    const taken = members.get(asn);
    if (taken !== undefined) report(`AS ${asn} is already ${taken}`);
    else if (node.role === "edge") {
      const other = edges.get(asn);
      if (!isPrivateAs(asn)) {
        report(
          `AS ${asn} is not private; an Edge takes one of 64512-65534 or 4200000000-4294967294 (RFC 6996)`,
        );
      } else if (other !== undefined) report(`AS ${asn} is already ${other}'s; every Edge has its own`);
      edges.set(asn, other ?? node.name);
    } else if (isPrivateAs(asn) || isReservedAs(asn)) {
      report(
        `AS ${asn} is private or reserved; an upstream has a number of the Internet (or 64496-64511 in examples)`,
      );
    }
  }
  checkIds(draft);
}

/** The AS itself and its confederation members, by number. */
function checkMembers(draft: Draft): ReadonlyMap<number, string> {
  const { file } = draft;
  const taken = new Map<number, string>();
  const claim = (asn: number | undefined, path: Path, what: string, member: boolean) => {
    if (asn === undefined) return;
    const other = taken.get(asn);
    if (other !== undefined) draft.report({ path, message: `AS ${asn} is already ${other}` });
    else if (member && !isPrivateAs(asn)) {
      draft.report({
        path,
        message: `AS ${asn} is not private; confederation members take 64512-65534 or 4200000000-4294967294 (RFC 6996)`,
      });
    } else if (!member && isReservedAs(asn)) {
      draft.report({ path, message: `AS ${asn} is reserved and cannot be anybody's` });
    }
    taken.set(asn, other ?? what);
  };
  claim(file.as, ["as"], "this network's own", false);
  claim(file.external?.memberAs, ["external", "memberAs"], "the External Edges' member", true);
  for (const [name, plane] of Object.entries(file.planes ?? {})) {
    claim(plane?.memberAs, ["planes", name, "memberAs"], `plane ${name}'s member`, true);
  }
  if (file.planes !== undefined && draft.planes.length === 0) {
    draft.report({ path: ["planes"], at: "key", message: "a fabric needs at least one plane" });
  }
  if (draft.planes.length > MAX_PLANES) {
    draft.report({
      path: ["planes"],
      at: "key",
      message: `${draft.planes.length} planes; locators leave room for ${MAX_PLANES}`,
    });
  }
  return taken;
}

function checkIds(draft: Draft): void {
  const taken = new Map<number, { readonly name: string; readonly given: boolean }>();
  // Written ids first: a derived one gives way to them.
  const nodes = [...draft.nodes.values()].sort(
    (a, b) => Number(b.id !== undefined) - Number(a.id !== undefined),
  );
  for (const node of nodes) {
    const id = node.effectiveId;
    const other = taken.get(id);
    const given = node.id !== undefined;
    if (other === undefined) taken.set(id, { name: node.name, given });
    else if (given)
      draft.report({ path: [...node.path, "id"], message: `id ${id} is already ${other.name}'s` });
    else {
      draft.report({
        path: node.path,
        at: "key",
        message: `${node.name}'s derived id ${id} is also ${other.name}'s; give it an \`id\` of its own`,
      });
    }
  }
}

/** RFC 6996 section 5. */
function isPrivateAs(asn: number): boolean {
  return (asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294);
}

/** AS_TRANS (RFC 6793) and the last number of 16 bits (RFC 7300). */
function isReservedAs(asn: number): boolean {
  return asn === 23456 || asn === 65535;
}
