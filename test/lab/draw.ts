import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";

/** The network as a picture in text: a column a site, a row a kind of node. */
export function drawNetwork(fabric: Fabric): string {
  const columns = [...fabric.sites];
  const rows: { readonly title: string; readonly cells: readonly (readonly string[])[] }[] = [];
  const row = (title: string, wanted: (node: FabricNode) => boolean): void => {
    const cells = columns.map((site) =>
      fabric.nodes.filter((node) => node.site === site && wanted(node)).map((node) => node.name),
    );
    if (cells.some((cell) => cell.length > 0)) rows.push({ title, cells });
  };
  row("upstreams", (node) => node.role === "upstream");
  row("External Edges", (node) => node.role === "external-edge");
  for (const { name } of fabric.planes) row(`plane ${name}`, (node) => node.plane === name);
  row("Edges", (node) => node.role === "edge");
  const width =
    Math.max(10, ...rows.flatMap(({ cells }) => cells.flatMap((cell) => cell.map((name) => name.length)))) +
    3;
  const titles = Math.max(...rows.map(({ title }) => title.length)) + 2;
  const lines = [`${" ".repeat(titles)}${columns.map((site) => site.padEnd(width)).join("")}`];
  for (const { title, cells } of rows) {
    lines.push("");
    const height = Math.max(...cells.map((cell) => cell.length));
    for (let i = 0; i < height; i++)
      lines.push(
        `${(i === 0 ? title : "").padEnd(titles)}${cells.map((cell) => (cell[i] ?? "").padEnd(width)).join("")}`.trimEnd(),
      );
    const joined = linksWithin(fabric, cells.flat());
    if (joined !== "" && title.startsWith("plane")) lines.push(`${" ".repeat(titles)}${joined}`);
  }
  return `${lines.join("\n")}\n`;
}

function linksWithin(fabric: Fabric, names: readonly string[]): string {
  return fabric.links
    .filter(({ ends }) => ends.every(({ node }) => names.includes(node)))
    .map(({ ends, cost }) => `${ends[0].node} -${cost}- ${ends[1].node}`)
    .join("   ");
}
