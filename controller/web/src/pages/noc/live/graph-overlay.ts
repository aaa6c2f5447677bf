import type { ElementDefinition, StylesheetJson } from "cytoscape";
import type { PathDrawing } from "../../../model/path-drawing.ts";
import type { Colours, Places } from "./graph-style.ts";

/** How far beside the link a way runs, drawing units: the one that is to one side, the one that should be to the other. */
const BESIDE = { now: 14, expected: -14 } as const;

/** Ways over the network, for cytoscape. */
export function overlayElements(
  { ways, partings }: PathDrawing,
  { places }: Places,
  colours: Colours,
): ElementDefinition[] {
  return [
    ...partings.map((node) => ({
      data: { id: `parting:${node}`, label: "◎" },
      classes: "parting",
      position: { ...(places.get(node) ?? { x: 0, y: 0 }) },
    })),
    ...ways.flatMap(({ id, kind, steps }) =>
      steps
        .filter(({ from, to }) => places.has(from) && places.has(to))
        .map(({ from, to, isGap, isAstray }, place) => ({
          data: {
            ...{ id: `${id}:${place}`, source: from, target: to },
            colour: kind === "expected" ? colours.expected : isAstray ? colours.bad : colours.text,
            line: isGap ? "dotted" : kind === "expected" ? "dashed" : "solid",
            beside: BESIDE[kind],
          },
          classes: "way",
        })),
    ),
  ];
}

export function overlayStyle({ bad, text }: Colours): StylesheetJson {
  return [
    {
      selector: ".way",
      style: {
        width: 4,
        "line-color": "data(colour)",
        "line-style": "data(line)" as "solid",
        "target-arrow-color": "data(colour)",
        "target-arrow-shape": "triangle",
        "arrow-scale": 1.2,
        "curve-style": "unbundled-bezier",
        "control-point-distances": "data(beside)" as unknown as number[],
        "control-point-weights": 0.5 as unknown as number[],
        "z-index-compare": "manual",
        "z-index": 3,
      },
    },
    {
      selector: ".parting",
      style: {
        shape: "ellipse",
        width: 62,
        height: 62,
        "z-index-compare": "manual",
        "z-index": 1,
        "background-opacity": 0.12,
        "background-color": bad,
        "border-color": bad,
        "border-width": 3,
        "border-style": "double",
        label: "data(label)",
        color: text,
        "font-size": 18,
        "text-valign": "top",
        events: "no",
      },
    },
  ];
}
