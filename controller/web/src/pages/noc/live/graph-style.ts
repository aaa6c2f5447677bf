import type { ElementDefinition, StylesheetJson } from "cytoscape";
import { busiest, type DrawnLink, type Network } from "../../../model/network.ts";
import type { Box, Point } from "../../../model/network-layout.ts";

/** What cytoscape draws of a network. Colours are values: a canvas knows no variables of the page. */
export interface Colours {
  readonly text: string;
  readonly body: string;
  readonly faint: string;
  readonly bad: string;
  readonly warning: string;
  /** Of a way that is not, and should be. */
  readonly expected: string;
  readonly plane: (plane: string | null) => string;
}

const SHAPES: Readonly<Record<string, string>> = {
  plane: "round-rectangle",
  "external-edge": "diamond",
  upstream: "hexagon",
  edge: "ellipse",
};

export interface Places {
  readonly places: ReadonlyMap<string, Point>;
  readonly boxes: ReadonlyMap<string, Box>;
}

/**
 * Nothing here has a parent, and no size follows what is told every second: for either the library works out anew where everything
 * around it is, which is what 500 nodes that say something every second spent most of a core on.
 */
export function elementsOf(
  network: Network,
  { places, boxes }: Places,
  colours: Colours,
): ElementDefinition[] {
  const pairs = Map.groupBy(network.links, ({ a, b }) => [a, b].sort().join(" "));
  const parallel = new Set([...pairs.values()].flatMap((links) => (links.length > 1 ? links : [])));
  return [
    ...[...boxes].map(([site, { x, y, width, height }]) => ({
      data: { id: `site:${site}`, label: site, width, height },
      classes: "site",
      position: { x, y },
    })),
    ...network.nodes.map((node) => ({
      data: {
        id: node.name,
        label:
          node.tone === "bad" ? `✖ ${node.name}` : node.tone === "warning" ? `▲ ${node.name}` : node.name,
        shape: SHAPES[node.role] ?? "ellipse",
        colour: colours.plane(node.plane),
        ring:
          node.tone === "bad"
            ? colours.bad
            : node.tone === "warning"
              ? colours.warning
              : colours.plane(node.plane),
        ringStyle: node.isAstray ? "dashed" : "solid",
        fill: node.tone === "bad" ? 0.15 : 0.85,
      },
      classes: "node",
      position: { ...(places.get(node.name) ?? { x: 0, y: 0 }) },
    })),
    ...network.links.map((link) => ({
      data: {
        id: `link:${link.name}`,
        source: link.a,
        target: link.b,
        label: labelOf(link),
        colour: link.isDown ? colours.bad : colours.plane(link.plane),
        width: widthOf(link),
        line: link.isDown ? "dashed" : "solid",
        opacity: link.kind === "plane-edge" && !link.isUsed && !link.isDown ? 0.18 : 0.9,
      },
      classes: parallel.has(link) ? "link beside" : "link",
    })),
  ];
}

/** From 1 for nothing to 9 for a gigabit a second and more. */
function widthOf(link: DrawnLink): number {
  if (link.kind === "plane-edge") return link.isUsed ? 4 : 1;
  const mbps = busiest(link);
  // By halves: what is seen no difference of is not drawn anew.
  return mbps === null ? 2 : 2 + Math.round(2 * Math.min(7, Math.log10(1 + mbps) * 2.3)) / 2;
}

function labelOf(link: DrawnLink): string {
  const mbps = busiest(link);
  return [
    ...(mbps === null || mbps < 0.1 ? [] : [`${mbps >= 10 ? Math.round(mbps) : mbps.toFixed(1)} Mb/s`]),
    ...((link.lostPps ?? 0) > 0 ? [`✖ ${link.lostPps}/s`] : []),
    ...((link.lostProbes ?? 0) > 0 ? [`✖ ${link.lostProbes}/20`] : []),
    ...(link.overrides > 0 ? [`EPE ${link.overrides}`] : []),
  ].join(" · ");
}

export function styleOf({ text, body, faint }: Colours): StylesheetJson {
  return [
    {
      selector: ".site",
      style: {
        shape: "round-rectangle",
        width: "data(width)",
        height: "data(height)",
        "z-index-compare": "manual",
        "z-index": 0,
        "background-opacity": 0.04,
        "background-color": text,
        "border-color": faint,
        "border-width": 1,
        label: "data(label)",
        color: text,
        "font-size": 18,
        "text-valign": "top",
        "text-halign": "center",
        events: "no",
      },
    },
    {
      selector: ".node",
      style: {
        shape: "data(shape)" as "ellipse",
        width: 34,
        height: 34,
        "z-index-compare": "manual",
        "z-index": 2,
        "background-color": "data(colour)",
        "background-opacity": "data(fill)" as unknown as number,
        "border-color": "data(ring)",
        "border-width": 4,
        "border-style": "data(ringStyle)" as "solid",
        label: "data(label)",
        color: text,
        "font-size": 13,
        "min-zoomed-font-size": 7,
        "text-valign": "bottom",
        "text-margin-y": 4,
      },
    },
    {
      selector: ".node:selected",
      style: { "underlay-color": text, "underlay-opacity": 0.3, "underlay-padding": 8 },
    },
    {
      selector: ".link",
      style: {
        width: "data(width)",
        "line-color": "data(colour)",
        "line-style": "data(line)" as "solid",
        opacity: "data(opacity)" as unknown as number,
        "curve-style": "straight",
        "z-index-compare": "manual",
        "z-index": 1,
        label: "data(label)",
        color: text,
        "font-size": 11,
        "min-zoomed-font-size": 7,
        "text-background-color": body,
        "text-background-opacity": 0.85,
        "text-background-padding": "2px",
        "text-rotation": "autorotate",
      },
    },
    { selector: ".beside", style: { "curve-style": "bezier" } },
  ];
}
