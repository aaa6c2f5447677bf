import type { Fabric, FabricLink, FabricNode } from "@vsix/shared/fabric/model.ts";
import { compileAll } from "./compile.ts";
import { diffParts } from "./diff.ts";
import { NO_INTENT } from "./intent.ts";

/** What comes of taking one plane out of a fabric file. */
export type PlaneChange =
  | {
      readonly ok: true;
      /** The fabric in force with that plane as the file has it. */
      readonly fabric: Fabric;
      /** What of other planes is in the file and waits for an apply of all of it; in words. */
      readonly held: readonly string[];
    }
  | { readonly ok: false; readonly reasons: readonly string[] };

const WHOLE = [
  ["name", "the name"],
  ["as", "the AS number"],
  ["prefixes", "the AS's prefixes"],
  ["externalAs", "the External Edges' member AS"],
  ["sites", "the sites"],
  ["planes", "the list of planes"],
  ["addressing", "the addressing"],
  ["policy", "the policies"],
  ["overrides", "the overrides"],
  ["measure", "what is measured"],
] as const satisfies readonly (readonly [keyof Fabric, string])[];

/** Changes of one node that are told before the rest is counted. */
const LINES = 3;

/**
 * Takes one plane's routers and links out of a file, where the change is confined to that plane: every document of every other
 * node stays as it is, octet for octet, but for the list of who answers from which address, by which External Edges and
 * Edges tell planes apart. What the file changes in other planes is left where it is; what it changes for everybody, at
 * an Edge, an External Edge or a link to one is a reason to refuse.
 */
export function takePlane(inForce: Fabric, file: Fabric, plane: string): PlaneChange {
  const reasons: string[] = [];
  for (const [key, words] of WHOLE)
    if (!same(inForce[key], file[key])) reasons.push(`${words}: of the whole network, not of ${plane}`);
  if (!inForce.planes.some(({ name }) => name === plane)) reasons.push(`there is no plane ${plane} in force`);
  const before = sides(inForce, plane);
  const after = sides(file, plane);
  const held: string[] = [];
  for (const { name, how, was, is } of changes(before.nodes, after.nodes)) {
    const own = (was ?? is)?.plane;
    // Labels are the operator's own: nothing is made of them.
    if (was !== undefined && is !== undefined && same(unlabelled(was), unlabelled(is)))
      held.push(`${name}: labels`);
    else if (own !== undefined && was?.plane === (is ?? was)?.plane) held.push(`${name} ${how}`);
    else reasons.push(`${name} ${how}: it is not of ${plane}`);
  }
  for (const { name, how } of changes(before.borders, after.borders))
    reasons.push(`the link ${name} ${how}: one end of it is not of ${plane}`);
  for (const { name, how, was, is } of changes(before.links, after.links)) {
    if ((was ?? is)?.kind === "plane-internal") held.push(`the link ${name} ${how}`);
    else reasons.push(`the link ${name} ${how}: it is not of ${plane}`);
  }
  if (reasons.length > 0) return { ok: false, reasons };
  const fabric = withPlane(inForce, file, plane);
  const clashes = [...doubles(fabric), ...disturbed(inForce, fabric, plane)];
  return clashes.length > 0 ? { ok: false, reasons: clashes } : { ok: true, fabric, held };
}

/** A fabric with one plane's routers, and the links that they have, as another fabric has them. Checks nothing. */
export function withPlane(fabric: Fabric, file: Fabric, plane: string): Fabric {
  const [mine, theirs] = [membersOf(fabric, plane), membersOf(file, plane)];
  const touches = (members: ReadonlySet<string>) => (link: FabricLink) =>
    link.ends.some(({ node }) => members.has(node));
  return {
    ...fabric,
    nodes: merged(
      fabric.nodes,
      file.nodes,
      ({ name }) => mine.has(name),
      ({ name }) => theirs.has(name),
    ),
    links: merged(fabric.links, file.links, touches(mine), touches(theirs)),
  };
}

function membersOf({ nodes }: Fabric, plane: string): ReadonlySet<string> {
  return new Set(nodes.filter((node) => node.plane === plane).map(({ name }) => name));
}

/** Everything stays in its place; what is new comes last. */
function merged<T extends { readonly name: string }>(
  old: readonly T[],
  now: readonly T[],
  isOld: (one: T) => boolean,
  isNew: (one: T) => boolean,
): readonly T[] {
  const taken = new Map(now.filter(isNew).map((one) => [one.name, one]));
  const kept = old.flatMap((one): T[] => {
    if (!isOld(one)) return [one];
    const replaced = taken.get(one.name);
    taken.delete(one.name);
    return replaced === undefined ? [] : [replaced];
  });
  return [...kept, ...taken.values()];
}

interface Sides {
  /** Not of the plane. */
  readonly nodes: ReadonlyMap<string, FabricNode>;
  /** With one end in the plane. */
  readonly borders: ReadonlyMap<string, FabricLink>;
  /** With none. */
  readonly links: ReadonlyMap<string, FabricLink>;
}

function sides(fabric: Fabric, plane: string): Sides {
  const members = membersOf(fabric, plane);
  const inside = ({ ends }: FabricLink): number => ends.filter(({ node }) => members.has(node)).length;
  const byName = <T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> =>
    new Map(all.map((one) => [one.name, one]));
  return {
    nodes: byName(fabric.nodes.filter(({ name }) => !members.has(name))),
    borders: byName(fabric.links.filter((link) => inside(link) === 1)),
    links: byName(fabric.links.filter((link) => inside(link) === 0)),
  };
}

interface Change<T> {
  readonly name: string;
  readonly how: string;
  readonly was: T | undefined;
  readonly is: T | undefined;
}

function changes<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): readonly Change<T>[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): Change<T>[] => {
    const [was, is] = [before.get(name), after.get(name)];
    if (same(was, is)) return [];
    const how = was === undefined ? "would be new" : is === undefined ? "would be gone" : "would change";
    return [{ name, how, was, is }];
  });
}

/** What two nodes or links may not share, and now would: the plane's are of another file than the others. */
function doubles({ nodes, links }: Fabric): readonly string[] {
  const owners = new Map<string, string>();
  const found: string[] = [];
  const claim = (what: string, name: string): void => {
    const other = owners.get(what);
    if (other !== undefined && other !== name) found.push(`${name} and ${other} would both have ${what}`);
    owners.set(what, name);
  };
  for (const { name, id, loopback } of nodes) {
    claim(`the id ${id}`, name);
    claim(`the address ${loopback}`, name);
  }
  for (const { name, prefix } of links) claim(`the prefix ${prefix}`, name);
  return found;
}

/** Nodes outside the plane that would be told something else. */
function disturbed(before: Fabric, after: Fabric, plane: string): readonly string[] {
  const members = new Set([...membersOf(before, plane), ...membersOf(after, plane)]);
  const [old, now] = [compileAll(before, NO_INTENT), compileAll(after, NO_INTENT)];
  return [...old.keys()].flatMap((node) => {
    if (members.has(node)) return [];
    const isRouter = before.nodes.find(({ name }) => name === node)?.plane !== undefined;
    const lines = diffParts(old.get(node), now.get(node)).filter(
      (line) => isRouter || !/^[-+~] probes hops /.test(line),
    );
    if (lines.length === 0) return [];
    const more = lines.length > LINES ? `, and ${lines.length - LINES} more` : "";
    return [`${node} would change: ${lines.slice(0, LINES).join("; ")}${more}`];
  });
}

function unlabelled({ labels: _, ...node }: FabricNode): object {
  return node;
}

/** Both come from the same parser, so members stand in the same order. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
