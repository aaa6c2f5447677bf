import { AGENT_VERSION } from "./version.ts";

export const TRACE_USAGE = `  vsix-agent trace TARGET [--from ADDRESS] [--protocol icmp6|udp|tcp] [--port PORT] [--flows N | --all-paths]
                   [--probes N] [--max-hops N] [--mtu] [--json]   the path to TARGET, from here; needs CAP_NET_RAW, no agent
`;

export const WATCH_USAGE = `  vsix-agent watch --expected FILE [--notify FILE] [--state DIR] [--interval SECONDS] [--source NAME] [--from ADDRESS] [--json]
                   watch the paths that FILE expects from this machine, until told to stop; needs CAP_NET_RAW, no agent
  vsix-agent watch --once …                  one look at each; with --state it counts as one cycle, for a timer
  vsix-agent watch --test --notify FILE      prove that notices arrive
  vsix-agent watch --learn --target NAME=ADDRESS… | --expected FILE [--flows N] [--protocol icmp6|udp|tcp]
                                             write a first FILE from what is seen now, to standard output
  vsix-agent watch list | ack TARGET | silence TARGET --for 2h | unsilence TARGET --state DIR [--note TEXT] [--json]
                                             ask the watch that runs with DIR; TARGET may be "*" for silence
`;

export const EPE_USAGE = `  vsix-agent epe off|on|status --config FILE [--json]   overrides of this router: all away at once, and kept away over restarts and new
                   documents, until on; off works without a controller, and without a running agent too
`;

export const HEALTH_USAGE = `  vsix-agent health [--config FILE] [--interface NAME] [--json] [--keep FILE]   how the network feels from here, from the cable to web pages,
                   and what is wrong with it; needs CAP_NET_RAW, no agent (agent/HEALTH.md). --keep: writes it to FILE too
`;

export const PAGE_USAGE = `  vsix-agent page --config FILE [--name NAME] [--claim FILE] [--health FILE] [--listen ADDRESS --port PORT] [--idle SECONDS]
                   the status page of a home router, over HTTP; without --listen on the socket that systemd passes (agent/HOME-PAGE.md)
`;

export const DNS_USAGE = `  vsix-agent dns capture --interface IF… | --read FILE.pcap [--write FILE] [--json] [--quiet] [--seconds N] [--pref64 PREFIX…]
                   [--resolver ADDRESS…] [--port PORT…] [--timeout SECONDS] [--rate router|home] [--ring MB]
                                             DNS as it passes here, questions and answers paired, until told to stop;
                                             needs CAP_NET_RAW, no agent. Memory is taken for the rate of a router, or
                                             of a home
  vsix-agent dns show FILE [--name NAME | --below NAME] [--client PREFIX] [--type TYPE] [--outcome OUTCOME] [--json]
                                             what dns capture wrote
`;

export const UPDATE_USAGE = `  vsix-agent update FILE.deb --config FILE [--within SECONDS] [--hold SECONDS]   install another version and watch it: one that
                   does not reach within 180 s, and for 30 s without a break, what was reached before goes back by itself. As root; it
                   goes on without whoever asked, and over power cuts
  vsix-agent update status --config FILE [--json]   what becomes of it, or became
`;

export const MACHINE_USAGE = `  vsix-agent machine [--json]                what this machine is, and versions of what is installed on it; needs no agent
`;

export const RESET_USAGE = `  vsix-agent reset --config FILE [--yes] [--also PATH] [--trigger FILE]   a home router that nobody has enrolled: tunnels, key, documents and
                   what was measured go, with PATH. --trigger: only where FILE is there, which goes first
`;

/** All of it. */
export const AGENT_USAGE = `vsix-agent ${AGENT_VERSION}
  vsix-agent run    --config FILE            run until told to stop
  vsix-agent plan   --config FILE [--json]   what the running agent would change now; changes nothing
  vsix-agent enrol  --config FILE --token-file FILE   make a key and have it certified against a claim token; FILE may be -
  vsix-agent report --config FILE            what the running agent says of itself, as JSON
${EPE_USAGE}${HEALTH_USAGE}${PAGE_USAGE}${RESET_USAGE}${TRACE_USAGE}${WATCH_USAGE}${DNS_USAGE}${MACHINE_USAGE}${UPDATE_USAGE}Exit status: 0 done, or the plan is empty; 1 failed; 2 wrong usage or a bad file; 3 nobody is running; 4 not reached, a path is not
as expected, a notice did not arrive, or health is bad; 5 health is poor; 10 the plan is not empty, or not all overrides stand.
`;
