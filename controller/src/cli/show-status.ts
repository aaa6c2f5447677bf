import type { EdgeStatus, NodeStatus, PlaneStatus, Status } from "../status/model.ts";
import { milliseconds, paint, paintPlane } from "./output.ts";
import { formatTable } from "./table.ts";

export function showStatus(status: Status): string {
  const { fabric, revision, epoch, broker, ready, why, messages } = status;
  const head = [
    `fabric ${fabric ?? "none"}, revision ${revision ?? "none"}, epoch ${epoch}, broker ${broker}`,
    `messages from nodes: ${messages.accepted} taken, ${messages.refused} refused`,
    ready ? paint("green", "ready") : paint("red", "not ready:"),
    ...why.map((reason) => `  ${reason}`),
  ];
  const tables = [
    showPlanes(status.planes),
    showEdges(status.edges),
    showServices(status.nodes),
    showNodes(status.nodes),
  ];
  return [head.join("\n"), ...tables].filter((text) => text !== "").join("\n\n");
}

export function showPlanes(planes: readonly PlaneStatus[]): string {
  return formatTable(
    ["PLANE", "REVISION", "STATE", "ROUTERS", "EDGES WANTED", "EDGES OBSERVED"],
    planes.map((plane) => [
      paintPlane(plane.plane),
      String(plane.revision),
      plane.drained ? paint("yellow", "drained") : "in use",
      `${plane.routersOnline}/${plane.routers} online`,
      String(plane.edgesWanted),
      String(plane.edgesObserved),
    ]),
  );
}

/** One line per Edge; INBOUND is towards the Edge. Where External Edges differ, each is named. */
export function showEdges(edges: readonly EdgeStatus[]): string {
  const table = formatTable(
    ["EDGE", "SITE", "WANTED", "WHY", "INBOUND", "OUTBOUND", "AGE", "PACKETS/S BY PLANE"],
    edges.map((edge) => [
      edge.edge,
      edge.site,
      paintPlane(edge.wanted),
      edge.reason,
      showDirection(edge, "inbound"),
      showDirection(edge, "outbound"),
      milliseconds(oldest(edge)),
      showRates(edge),
    ]),
  );
  const notes = edges.flatMap(({ edge, notes: all }) =>
    all.map((note) => `${edge}: ${paint("yellow", note)}`),
  );
  return [table, ...notes].filter((text) => text !== "").join("\n");
}

function showDirection({ observed }: EdgeStatus, direction: "inbound" | "outbound"): string {
  const planes = [...new Set(observed.map((one) => one[direction]))];
  if (planes.length === 1) return paintPlane(planes[0] ?? null);
  if (planes.length === 0) return "-";
  return observed.map((one) => `${paintPlane(one[direction])} (${one.externalEdge})`).join(" ");
}

function oldest({ observed }: EdgeStatus): number | null {
  const ages = observed.map(({ ageMs }) => ageMs).filter((age) => age !== null);
  return ages.length === 0 ? null : Math.max(...ages);
}

function showRates({ ports }: EdgeStatus): string {
  return ports
    .filter(({ inPps, outPps }) => (inPps ?? 0) + (outPps ?? 0) > 0)
    .map(({ plane, inPps, outPps }) => `${paintPlane(plane)} from ${inPps ?? 0} to ${outPps ?? 0}`)
    .join(", ");
}

/** One line per node that does something for everybody; nothing where there is none. */
export function showServices(nodes: readonly NodeStatus[]): string {
  const rows = nodes.flatMap(({ name, site, service }) =>
    service === null
      ? []
      : [
          [
            service.kind,
            name,
            site,
            service.working ? paint("green", "works") : paint("red", "does not work"),
            service.since?.slice(0, 19) ?? "-",
            service.working ? service.announces.join(", ") : "withdrawn",
            `${service.failed}/${service.looks}`,
            service.reason,
          ],
        ],
  );
  if (rows.length === 0) return "";
  return formatTable(["SERVICE", "NODE", "SITE", "STATE", "SINCE", "ANNOUNCES", "FAILED LOOKS", "WHY"], rows);
}

export function showNodes(nodes: readonly NodeStatus[]): string {
  return formatTable(
    ["NODE", "ROLE", "SITE", "ONLINE", "CERTIFICATE", "MANIFEST", "SESSIONS", "BFD", "STATE"],
    nodes.map((node) => [
      node.name,
      node.plane === null ? node.role : `${node.role} ${paintPlane(node.plane)}`,
      node.site,
      node.online ? "yes" : paint("red", "no"),
      showCertificate(node),
      `${node.generation ?? "-"}/${node.wantedGeneration}`,
      `${node.sessionsUp}/${node.sessionsWanted}`,
      showBfd(node),
      [
        node.why.length === 0 ? "as wanted" : node.why.join("; "),
        ...node.warnings.map(({ text }) => paint("yellow", text)),
      ].join("; "),
    ]),
  );
}

/** State and last day; the serial is in `node show` and in JSON. */
function showCertificate({ certificate }: NodeStatus): string {
  if (certificate === null) return "-";
  const { state, ends } = certificate;
  if (state === "active" && Date.parse(ends) < Date.now()) return paint("red", "expired");
  return state === "active" ? `until ${ends.slice(0, 10)}` : paint("red", state);
}

/** `3 up`, `2 up, down: blue-sfc`, or `none` where no neighbour is to have it. */
function showBfd({ bfd }: NodeStatus): string {
  const up = bfd.filter(({ state }) => state === "up");
  const down = bfd.filter(({ state }) => state === "down").map(({ neighbour }) => neighbour);
  if (up.length + down.length === 0) return "none";
  return down.length === 0
    ? `${up.length} up`
    : `${up.length} up, ${paint("yellow", `down: ${down.join(", ")}`)}`;
}
