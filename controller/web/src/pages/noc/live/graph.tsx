import { ActionIcon, Group, useComputedColorScheme } from "@mantine/core";
import cytoscape, { type Core } from "cytoscape";
import { useEffect, useEffectEvent, useMemo, useRef } from "react";
import { useTexts } from "../../../i18n/i18n.ts";
import type { Network } from "../../../model/network.ts";
import { layOut } from "../../../model/network-layout.ts";
import { usePlaneColour } from "../plane-colour.ts";
import { type Colours, elementsOf, styleOf } from "./graph-style.ts";
import classes from "./live.module.css";
import { liveTexts } from "./live.texts.ts";

/** Cytoscape makes a style of its own where there is no element of this name, which the page's policy refuses; live.module.css has it. */
const ITS_STYLE = "__________cytoscape_stylesheet";
const FIT_PADDING = 24;
const ZOOM_STEP = 1.4;

/** The network drawn. What is the same stays where it is: only what changed is changed. */
export function NetworkGraph({
  network,
  onChosen,
}: {
  readonly network: Network;
  readonly onChosen: (node: string | null) => void;
}) {
  const t = useTexts(liveTexts);
  const place = useRef<HTMLDivElement>(null);
  const graph = useRef<Core>(undefined);
  const shape = useRef("");
  const colours = useColours(network);
  const chosen = useEffectEvent(onChosen);
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
    shape.current = "";
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
    graph.current?.style(styleOf(colours));
  }, [colours]);

  useEffect(() => {
    const cy = graph.current;
    if (cy === undefined) return;
    const elements = elementsOf(network, layOut(network), colours);
    const ids = elements.map(({ data }) => data.id).join(" ");
    cy.batch(() => {
      if (ids === shape.current) {
        for (const { data } of elements) cy.getElementById(data.id ?? "").data(data);
      } else {
        cy.elements().remove();
        cy.add(elements);
      }
    });
    if (ids !== shape.current) cy.fit(undefined, FIT_PADDING);
    shape.current = ids;
  }, [network, colours]);

  const label = t("drawing-of", { nodes: network.nodes.length, links: network.links.length });
  return (
    <div className={classes["frame"]}>
      <span id={ITS_STYLE} hidden />
      <div
        ref={place}
        className={classes["canvas"]}
        role="img"
        aria-label={label}
        data-graph={network.nodes.length}
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

const LIGHT = { text: "#1a1b1e", body: "#ffffff", faint: "#868e96", bad: "#c92a2a", warning: "#8a3c00" };
const DARK = { text: "#e9ecef", body: "#242424", faint: "#868e96", bad: "#ff8787", warning: "#ffa94d" };

function useColours({ planes }: Network): Colours {
  const isDark = useComputedColorScheme("light") === "dark";
  const plane = usePlaneColour(planes);
  return useMemo(() => ({ ...(isDark ? DARK : LIGHT), plane }), [isDark, plane]);
}
