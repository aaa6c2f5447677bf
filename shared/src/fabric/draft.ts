import { formatPrefix, type Prefix, parseInterfaceAddress, parsePrefix, prefixOf } from "../net/prefix.ts";
import type { Finding, Path } from "./fault.ts";
import type { Loose } from "./loose.ts";
import type { FabricRole } from "./model.ts";
import { defaultId } from "./plan.ts";
import type { FabricFile, LinkFile, NodeFile } from "./schema.ts";
import { attachmentOf, type ServiceKind, serviceOf } from "./services-model.ts";

/** A fabric file with holes, read once for all checks. */
export interface Draft {
  readonly file: Loose<FabricFile>;
  readonly report: (finding: Finding) => void;
  readonly nodes: ReadonlyMap<string, DraftNode>;
  readonly links: readonly DraftLink[];
  readonly planes: readonly string[];
  /** Our own prefixes. */
  readonly own: readonly Located[];
  readonly infrastructure: Located | undefined;
  /** False when links or roles were unreadable: then nothing can be said to be missing. */
  readonly complete: boolean;
}

export interface DraftNode extends Omit<Loose<NodeFile>, "role"> {
  /** What it is to planes, policies and filters. */
  readonly role: FabricRole | undefined;
  readonly service: ServiceKind | undefined;
  readonly name: string;
  readonly path: Path;
  readonly effectiveId: number;
  readonly announced: readonly Located[];
}

export interface DraftLink extends Omit<Loose<LinkFile>, "ends"> {
  readonly path: Path;
  /** Undefined where the name is none or names no node; reported by then. */
  readonly ends: readonly [DraftNode | undefined, DraftNode | undefined];
  /** As written. */
  readonly names: readonly [string | undefined, string | undefined];
}

/** A prefix and where it stands. */
export interface Located {
  readonly prefix: Prefix;
  readonly path: Path;
}

export function readDraft(file: Loose<FabricFile>, report: (finding: Finding) => void): Draft {
  const nodes = new Map<string, DraftNode>();
  for (const [name, node] of Object.entries(file.nodes ?? {})) {
    const path = ["nodes", name];
    nodes.set(name, {
      ...node,
      role: node?.role === undefined ? undefined : attachmentOf(node.role),
      service: serviceOf(node?.role),
      name,
      path,
      effectiveId: node?.id ?? defaultId(name),
      announced: readPrefixes(report, [...path, "prefixes"], node?.prefixes),
    });
  }
  const links = (file.links ?? []).map((link, i): DraftLink => {
    const names = [link?.ends?.[0], link?.ends?.[1]] as const;
    const find = (name: string | undefined) => (name === undefined ? undefined : nodes.get(name));
    return { ...link, path: ["links", i], names, ends: [find(names[0]), find(names[1])] };
  });
  const infrastructure = readPrefix(
    report,
    ["addressing", "infrastructure"],
    file.addressing?.infrastructure,
  );
  return {
    file,
    report,
    nodes,
    links,
    planes: Object.keys(file.planes ?? {}),
    own: readPrefixes(report, ["prefixes"], file.prefixes),
    infrastructure,
    complete:
      file.links !== undefined &&
      links.every(({ ends }) => ends[0]?.role !== undefined && ends[1]?.role !== undefined) &&
      [...nodes.values()].every((node) => node.role !== undefined),
  };
}

/** Reads one prefix and says what is wrong with it, and what was probably meant. */
export function readPrefix(
  report: (finding: Finding) => void,
  path: Path,
  text: string | undefined,
): Located | undefined {
  if (text === undefined) return undefined;
  const prefix = parsePrefix(text);
  if (prefix !== undefined) return { prefix, path };
  const sloppy = parseInterfaceAddress(text);
  const message =
    sloppy === undefined
      ? `${JSON.stringify(text)} is not an IPv6 prefix; write it like 2001:db8::/32`
      : `${text} has bits set beyond its length; the prefix is ${formatPrefix(prefixOf(sloppy.address, sloppy.length))}`;
  report({ path, message });
  return undefined;
}

export function readPrefixes(
  report: (finding: Finding) => void,
  path: Path,
  texts: readonly (string | undefined)[] | undefined,
): readonly Located[] {
  return (texts ?? []).flatMap((text, i) => readPrefix(report, [...path, i], text) ?? []);
}
