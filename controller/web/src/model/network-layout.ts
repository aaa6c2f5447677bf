import type { Network } from "./network.ts";

/**
 * Where nodes are drawn: a box for each site; in it, from top to bottom, upstreams, External Edges, the planes' routers side by side, Edges.
 * The same network is always drawn alike, so that eyes find again what they know; nothing jumps when something changes. Pure.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Room for a node with its name below, drawing units. */
const CELL = { x: 110, y: 84 };
const SITE_GAP = 120;
const SITE_PADDING = 12;

export function layOut({ sites, planes, nodes }: Network): ReadonlyMap<string, Point> {
  const rank = (plane: string | null): number => (plane === null ? planes.length : planes.indexOf(plane));
  const boxes = sites.map((site) => {
    const own = nodes.filter((node) => node.site === site);
    const of = (role: string): readonly string[] =>
      own.filter((node) => node.role === role).map(({ name }) => name);
    const routers = own
      .filter(({ role }) => role === "plane")
      .sort((a, b) => rank(a.plane) - rank(b.plane))
      .map(({ name }) => name);
    const edges = of("edge");
    const columns = Math.max(4, Math.ceil(Math.sqrt(edges.length * 2)));
    const rows = [of("upstream"), of("external-edge"), routers, edges].flatMap((row) => chunks(row, columns));
    const width = Math.max(1, ...rows.map(({ length }) => length)) * CELL.x;
    return { rows, width, height: rows.length * CELL.y };
  });
  const perRow = Math.max(1, Math.ceil(Math.sqrt(boxes.length * 1.5)));
  const places = new Map<string, Point>();
  let top = 0;
  for (const line of chunks(boxes, perRow)) {
    let left = 0;
    for (const { rows, width } of line) {
      rows.forEach((row, y) => {
        const indent = (width - row.length * CELL.x) / 2;
        row.forEach((name, x) => {
          places.set(name, { x: left + indent + (x + 0.5) * CELL.x, y: top + (y + 0.5) * CELL.y });
        });
      });
      left += width + SITE_GAP;
    }
    top += Math.max(...line.map(({ height }) => height)) + SITE_GAP;
  }
  return places;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** The rectangle around each site's nodes and their names; `x` and `y` are of its middle. */
export function siteBoxes({ nodes }: Network, places: ReadonlyMap<string, Point>): ReadonlyMap<string, Box> {
  const own = Map.groupBy(nodes, ({ site }) => site);
  return new Map(
    [...own].map(([site, there]) => {
      const points = there.flatMap(({ name }) => places.get(name) ?? []);
      const [left, right] = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
      const [top, bottom] = [Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ y }) => y))];
      return [
        site,
        {
          ...{ x: (left + right) / 2, y: (top + bottom) / 2 },
          ...{ width: right - left + CELL.x, height: bottom - top + CELL.y + SITE_PADDING },
        },
      ];
    }),
  );
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
