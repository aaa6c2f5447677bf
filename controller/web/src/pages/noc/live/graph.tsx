import { ActionIcon, Group, useComputedColorScheme } from "@mantine/core";
import cytoscape, { type Core } from "cytoscape";
import { useEffect, useEffectEvent, useMemo, useRef } from "react";
import { useTexts } from "../../../i18n/i18n.ts";
import type { Network } from "../../../model/network.ts";
import { layOut, siteBoxes } from "../../../model/network-layout.ts";
import type { PathDrawing } from "../../../model/path-drawing.ts";
import { usePlaneColour } from "../plane-colour.ts";
import { overlayElements, overlayStyle } from "./graph-overlay.ts";
import { type Colours, elementsOf, type Places, styleOf } from "./graph-style.ts";
import classes from "./live.module.css";
import { liveTexts } from "./live.texts.ts";

/** Cytoscape makes a style of its own where there is no element of this name, which the page's policy refuses; live.module.css has it. */
const ITS_STYLE = "__________cytoscape_stylesheet";
const FIT_PADDING = 24;
const ZOOM_STEP = 1.4;

/** The network drawn. What is the same stays where it is: only what changed is changed. */
export function NetworkGraph({
  network,
  overlay = NO_OVERLAY,
  label,
  onChosen,
}: {
  readonly network: Network;
  /** Ways that are drawn over it. */
  readonly overlay?: PathDrawing;
  /** What a screen reader says of the picture; without it, how much there is. */
  readonly label?: string;
  readonly onChosen?: (node: string | null) => void;
}) {
  const t = useTexts(liveTexts);
  const place = useRef<HTMLDivElement>(null);
  const graph = useRef<Core>(undefined);
  const drawn = useRef<Drawn>(NOTHING);
  const colours = useColours(network);
  const chosen = useEffectEvent((node: string | null) => onChosen?.(node));
  const fit = () => graph.current?.fit(undefined, FIT_PADDING);
  const zoom = (by: number) => {
    const cy = graph.current;
    if (cy === undefined) return;
    cy.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  };

  useEffect(() => {
    const container = place.current;
    if (container === null) return;
    const cy = cytoscape({
      container,
      layout: { name: "preset" },
      autoungrabify: true,
      boxSelectionEnabled: false,
      minZoom: 0.05,
      maxZoom: 3,
      hideEdgesOnViewport: true,
    });
    cy.on("tap", (event) => {
      const id = event.target === cy || !event.target.isNode() ? null : String(event.target.id());
      chosen(id);
    });
    graph.current = cy;
    drawn.current = NOTHING;
    const watch = new ResizeObserver(() => {
      cy.resize();
      cy.fit(undefined, FIT_PADDING);
    });
    watch.observe(container);
    return () => {
      watch.disconnect();
      cy.destroy();
      graph.current = undefined;
    };
  }, []);

  useEffect(() => {
    graph.current?.style([...styleOf(colours), ...overlayStyle(colours)]);
  }, [colours]);

  useEffect(() => {
    const cy = graph.current;
    if (cy === undefined) return;
    const before = drawn.current;
    // Places follow from what there is, not from how it is.
    const shape = shapeOf(network, overlay);
    const places = shape === before.shape ? before.places : placesOf(network);
    const elements = [...elementsOf(network, places, colours), ...overlayElements(overlay, places, colours)];
    const data = new Map(elements.map((one) => [one.data.id ?? "", JSON.stringify(one.data)]));
    cy.batch(() => {
      if (shape === before.shape) {
        for (const { data: now } of elements) {
          const id = now.id ?? "";
          if (data.get(id) !== before.data.get(id)) cy.getElementById(id).data(now);
        }
      } else {
        cy.elements().remove();
        cy.add(elements);
      }
    });
    if (shape !== before.shape) cy.fit(undefined, FIT_PADDING);
    drawn.current = { shape, places, data };
  }, [network, overlay, colours]);

  return (
    <div className={classes["frame"]}>
      <span id={ITS_STYLE} hidden />
      <div
        ref={place}
        className={classes["canvas"]}
        role="img"
        aria-label={label ?? t("drawing-of", { nodes: network.nodes.length, links: network.links.length })}
        data-graph={network.nodes.length}
        data-ways={overlay.ways.length}
      />
      <Group className={classes["tools"]} gap={4}>
        <ActionIcon variant="default" size="lg" aria-label={t("zoom-in")} onClick={() => zoom(ZOOM_STEP)}>
          +
        </ActionIcon>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label={t("zoom-out")}
          onClick={() => zoom(1 / ZOOM_STEP)}
        >
          −
        </ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={t("fit-all")} onClick={fit}>
          □
        </ActionIcon>
      </Group>
    </div>
  );
}

/** What the library was given last. */
interface Drawn {
  readonly shape: string;
  readonly places: Places;
  /** By element, as JSON. */
  readonly data: ReadonlyMap<string, string>;
}

const NOTHING: Drawn = { shape: "", places: { places: new Map(), boxes: new Map() }, data: new Map() };

const NO_OVERLAY: PathDrawing = { ways: [], partings: [] };

function shapeOf({ nodes, links }: Network, overlay: PathDrawing): string {
  return JSON.stringify([
    overlay,
    nodes.map(({ name, role, site }) => [name, role, site]),
    links.map(({ name, a, b }) => [name, a, b]),
  ]);
}

function placesOf(network: Network): Places {
  const places = layOut(network);
  return { places, boxes: siteBoxes(network, places) };
}

const LIGHT = {
  text: "#1a1b1e",
  body: "#ffffff",
  faint: "#868e96",
  bad: "#c92a2a",
  warning: "#8a3c00",
  expected: "#7b2fa0",
};
const DARK = {
  text: "#e9ecef",
  body: "#242424",
  faint: "#868e96",
  bad: "#ff8787",
  warning: "#ffa94d",
  expected: "#d59df0",
};

function useColours({ planes }: Network): Colours {
  const isDark = useComputedColorScheme("light") === "dark";
  const plane = usePlaneColour(planes);
  return useMemo(() => ({ ...(isDark ? DARK : LIGHT), plane }), [isDark, plane]);
}
