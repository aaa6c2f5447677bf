import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useLanguage } from "../i18n/i18n.ts";

export interface PlotLine {
  readonly name: string;
  /** Null: nothing was measured there. */
  readonly values: readonly (number | null)[];
  readonly colour: string;
  /** So that nobody has to tell colours apart. */
  readonly dash?: readonly number[];
}

export interface PlotProps {
  /** What a screen reader says of the picture; the figures stand in the page beside it. */
  readonly label: string;
  readonly x: readonly number[];
  readonly lines: readonly PlotLine[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** `x` is seconds since 1970. */
  readonly isTime?: boolean;
  readonly height?: number;
  /** A place on the x axis that is marked by an upright line; the label says what happened there. */
  readonly markAt?: number;
}

const FONT = "12px system-ui, sans-serif";

/** Lines over a common axis, by uPlot. To be loaded lazily: `parts/lazy-plot.tsx`. */
export function Plot({ label, x, lines, xLabel, yLabel, isTime = false, height = 220, markAt }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const isDark = useComputedColorScheme("light") === "dark";
  const [language] = useLanguage();
  useEffect(() => {
    const container = place.current;
    if (container === null) return;
    const ink = isDark ? "#e9ecef" : "#1a1b1e";
    const grid = { stroke: isDark ? "#3b3b3b" : "#dee2e6", width: 1 };
    const axis = { stroke: ink, grid, ticks: grid, font: FONT, labelFont: FONT, labelSize: 22 };
    const plot = new uPlot(
      {
        width: Math.max(200, container.clientWidth),
        height,
        scales: { x: { time: isTime } },
        cursor: { drag: { x: false, y: false } },
        legend: { show: true, live: false },
        series: [
          {},
          ...lines.map(({ name, colour, dash }) => ({
            label: name,
            stroke: colour,
            width: 2,
            points: { show: x.length < 3 },
            ...(dash === undefined ? {} : { dash: [...dash] }),
          })),
        ],
        hooks: markAt === undefined ? {} : { draw: [(it) => drawMark(it, markAt, ink)] },
        axes: [
          { ...axis, label: xLabel, ...(isTime ? { values: timeLabels(language) } : {}) },
          { ...axis, label: yLabel, size: 60 },
        ],
      },
      [[...x], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData,
      container,
    );
    const watch = new ResizeObserver(() => {
      plot.setSize({ width: Math.max(200, container.clientWidth), height });
    });
    watch.observe(container);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [x, lines, xLabel, yLabel, isTime, height, isDark, markAt, language]);
  return <div ref={place} role="img" aria-label={label} data-plot={lines.length} />;
}

const DAY_S = 86_400;

/** Hours and minutes, and the day where more than one is shown: as the reader's language writes them, which the library does not. */
function timeLabels(language: string): (plot: uPlot, places: number[]) => string[] {
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    hourCycle: "h23",
  });
  return (_, places) => {
    const isLong = (places.at(-1) ?? 0) - (places[0] ?? 0) > DAY_S;
    return places.map((s) => (isLong ? day : time).format(new Date(s * 1000)));
  };
}

function drawMark({ ctx, bbox, valToPos }: uPlot, at: number, ink: string): void {
  const x = Math.round(valToPos(at, "x", true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = ink;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
