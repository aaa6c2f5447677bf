import { gzipSync } from "node:zlib";
import { AGENT_USAGE } from "../../agent/src/usage.ts";
import { buildProgram } from "../../controller/src/cli/program.ts";
import { CONTROLLER_USAGE } from "../../controller/src/usage.ts";
import { type CommandNode, fromCommander, fromUsage } from "./command-tree.ts";
import { bashCompletion } from "./completion.ts";
import { commandBlocks, type ManPage, manPage } from "./man.ts";
import type { Program } from "./program.ts";
import type { TreeFile } from "./tree.ts";

/** Manual pages and completion of a program: from the commands that it really has, and what stands here. */
export function manuals({ name }: Program, version: string, epochS: number): readonly TreeFile[] {
  const { pages, trees } = OF[name];
  return [
    ...pages().map((page) => ({
      path: `usr/share/man/man${page.section}/${page.name}.${page.section}.gz`,
      mode: 0o644,
      content: gzipSync(manPage({ ...page, version, epochS }), { level: 9 }),
    })),
    ...trees().map((tree) => ({
      path: `usr/share/bash-completion/completions/${tree.name}`,
      mode: 0o644,
      content: bashCompletion(tree),
    })),
  ];
}

type Page = Omit<ManPage, "version" | "epochS">;

/** What people read and the shell completes. */
const OF: Readonly<
  Record<
    Program["name"],
    { readonly pages: () => readonly Page[]; readonly trees: () => readonly CommandNode[] }
  >
> = {
  "vsix-agent": { pages: () => [agentPage()], trees: () => [fromUsage("vsix-agent", AGENT_USAGE)] },
  "vsix-controller": {
    pages: () => [controllerPage(), vsixctlPage()],
    trees: () => [fromUsage("vsix-controller", CONTROLLER_USAGE), fromCommander(buildProgram())],
  },
};

const AGENT_FILES: readonly (readonly [string, string])[] = [
  [
    "/etc/vsix/agent.json",
    "Where things are on this machine; without it the service does not start. /usr/share/doc/vsix-agent/examples/agent.json is one to begin with.",
  ],
  ["/etc/vsix/bundle.json", "The first document (vsixctl node bundle), where the configuration names it."],
  [
    "/var/lib/vsix/agent",
    "The document in force, the node's key and certificate, captured DNS that is on its way.",
  ],
  [
    "/var/lib/vsix/update",
    "While an update is under way: both packages and the program that watches, which is the old version's; state.json tells how the last one ended.",
  ],
  ["/run/vsix-agent", "Files of programs that a router of role resolver, nat64, siit-dc or access runs."],
  ["/run/vsix-gobgpd/api.sock", "GoBGP, which the agent configures completely."],
  [
    "/usr/share/doc/vsix-agent/examples/services.conf",
    "A drop-in for those roles: their programs begin as root, so the agent does.",
  ],
];

function agentPage(): Page {
  const [synopsis = "", status = ""] = AGENT_USAGE.split(/\n(?=Exit status)/);
  return {
    name: "vsix-agent",
    section: 8,
    summary: "agent of an IPv6-only network",
    sections: [
      { title: "Synopsis", body: [{ literal: synopsis.split("\n").slice(1).join("\n") }] },
      {
        title: "Description",
        body: [
          {
            text: "The agent runs on every router of a vSIX network. It reads a signed document, makes kernel and GoBGP match it, and reports what it observes. Without a controller it goes on with what it holds.",
          },
          {
            text: "The service vsix-agent.service runs it as the user vsix-agent with CAP_NET_ADMIN and CAP_NET_RAW; trace, watch, health and dns need CAP_NET_RAW alone, and no service. vsix-gobgpd.service is started with it, and goes on when it is restarted.",
          },
          {
            text: "As root, enrol becomes the user whom the state directory belongs to before it writes the key.",
          },
        ],
      },
      {
        title: "A first start",
        body: [
          {
            literal: `vi /etc/vsix/agent.json
vsix-agent enrol --config /etc/vsix/agent.json --token-file edge-1.token
systemctl start vsix-agent
vsix-agent report --config /etc/vsix/agent.json`,
          },
        ],
      },
      {
        title: "Updates",
        body: [
          {
            text: "vsix-agent update installs another version and watches it. What was reached before is looked at first: the controller, BGP sessions and what they bring, BFD, services, default routes, tunnels and their far ends, DNS64. Where the new version does not reach all of it within 180 seconds (--within), and for 30 seconds without a break (--hold), the version before is installed again; either end is told to the controller and stands in the journal of vsix-agent-update.service. Kernel and GoBGP go on forwarding meanwhile. A machine that loses power in the middle goes on by itself when it boots. apt and dpkg install without any of this.",
          },
        ],
      },
      { title: "Exit status", body: [{ text: status.replace(/^Exit status: /, "") }] },
      { title: "Files", body: [{ terms: AGENT_FILES }] },
    ],
    seeAlso: ["gobgp(1)", "systemctl(1)"],
  };
}

function controllerPage(): Page {
  return {
    name: "vsix-controller",
    section: 8,
    summary: "controller of an IPv6-only network",
    sections: [
      { title: "Synopsis", body: [{ literal: CONTROLLER_USAGE.replace("usage: ", "       ") }] },
      {
        title: "Description",
        body: [
          {
            text: "Publishes signed documents to the agents of a vSIX network, by the MQTT broker that it has within or by somebody else's, and decides by what they report. vsix-controller.service runs it as the user vsix-controller, without any capability.",
          },
          {
            text: "As installed it listens on this machine alone. For routers, tls.names, enrol.host and mqtt.listen.host in its configuration say how they reach it.",
          },
        ],
      },
      {
        title: "Files",
        body: [
          {
            terms: [
              ["/etc/vsix/controller.json", "Its configuration."],
              [
                "/var/lib/vsix/controller",
                "Database, signing key, CA and audit log. Whoever purges the package loses them: the network then wants new identities for every node.",
              ],
              ["/run/vsix/controller.sock", "The API on this machine, for root and vsix-controller."],
            ],
          },
        ],
      },
    ],
    seeAlso: ["vsixctl(1)", "vsix-agent(8)"],
  };
}

function vsixctlPage(): Page {
  const tree = fromCommander(buildProgram());
  return {
    name: "vsixctl",
    section: 1,
    summary: "runs a vSIX network",
    sections: [
      { title: "Synopsis", body: [{ literal: "vsixctl COMMAND [ARGUMENT...] [OPTION...]" }] },
      {
        title: "Description",
        body: [
          { text: tree.description },
          {
            text: "Without --url the unix socket of a controller on this machine is spoken to; no token is needed there, and as Debian installs it only root may.",
          },
        ],
      },
      { title: "Commands", body: commandBlocks(tree) },
      {
        title: "Exit status",
        body: [
          {
            text: "0 done; 1 refused or failed; 2 wrong usage; 3 controller out of reach; 4 not observed in time; 5 taken back: not confirmed, or a rollout that was aborted.",
          },
        ],
      },
      {
        title: "Environment",
        body: [
          {
            text: "VSIX_SOCKET, VSIX_URL, VSIX_TOKEN_FILE and VSIX_CA stand for the options of these names.",
          },
        ],
      },
    ],
    seeAlso: ["vsix-controller(8)"],
  };
}
