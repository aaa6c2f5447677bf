import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { PlotProps } from "./plot.tsx";

const Plot = lazy(async () => ({ default: (await import("./plot.tsx")).Plot }));

/** A plot; the library that draws it is loaded when the first one is shown. */
export function LazyPlot(props: PlotProps) {
  return (
    <Suspense fallback={<Skeleton height={props.height ?? 220} />}>
      <Plot {...props} />
    </Suspense>
  );
}
