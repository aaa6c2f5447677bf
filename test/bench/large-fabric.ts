/** Where the Edges of {@link largeFabric} are at home before a rollout, and where it leads them. */
export const HOME = "blue";
export const OTHER = "green";

const SITES = 10;
const FIRST_EDGE_ID = 1000;

/**
 * A fabric of two planes at ten sites, an External Edge at each of three, and that many Edges of ours spread over the
 * sites, every one attached to both planes. YAML (as JSON is).
 * @param edges at most 3,000.
 */
export function largeFabric(edges: number): string {
  const sites = Array.from({ length: SITES }, (_, i) => `s${i + 1}`);
  const nodes: Record<string, object> = {};
  const links: object[] = [];
  const link = (...ends: readonly [string, string]): void => void links.push({ ends });
  for (const [i, site] of sites.entries()) {
    for (const [j, plane] of [HOME, OTHER].entries()) {
      nodes[`${plane}-${site}`] = { id: 1 + i * 2 + j, role: "plane", plane, site };
      const before = sites[i - 1];
      if (before !== undefined) link(`${plane}-${before}`, `${plane}-${site}`);
    }
  }
  for (const [i, site] of sites.slice(0, 3).entries()) {
    nodes[`xe-${site}`] = { id: 100 + i, role: "external-edge", site };
    for (const plane of [HOME, OTHER]) link(`xe-${site}`, `${plane}-${site}`);
  }
  const edge = (name: string, id: number, site: string, more: object): void => {
    const prefixes = [`2001:db8:${id.toString(16)}::/48`];
    nodes[name] = { id, role: "edge", site, as: 4_200_000_000 + id, prefixes, prefers: HOME, ...more };
    for (const plane of [HOME, OTHER]) link(name, `${plane}-${site}`);
  };
  edge("noc", 200, "s1", { controller: true });
  for (let i = 0; i < edges; i++) edge(`edge-${i + 1}`, FIRST_EDGE_ID + i, sites[i % SITES] ?? "s1", {});
  const upstream = { role: "upstream", site: "s1", as: 2500, software: "bird", prefixes: ["3fff:250::/32"] };
  nodes["wide"] = { id: 300, ...upstream };
  link("xe-s1", "wide");
  return JSON.stringify({
    version: 1,
    name: "large",
    as: 4690,
    prefixes: ["2001:db8::/32"],
    addressing: { infrastructure: "2001:db8:ff00::/40" },
    external: { memberAs: 65100 },
    planes: { [HOME]: { memberAs: 65101 }, [OTHER]: { memberAs: 65102 } },
    sites,
    nodes,
    links,
    policies: { bogons: { except: ["3fff::/20"] } },
  });
}
