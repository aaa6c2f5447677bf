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

export const HEALTH_USAGE = `  vsix-agent health [--config FILE] [--interface NAME] [--json]   how the network feels from here, from the cable to web pages, and what
                   is wrong with it; needs CAP_NET_RAW, no agent (agent/HEALTH.md)
`;

export const DNS_USAGE = `  vsix-agent dns capture --interface IF… | --read FILE.pcap [--write FILE] [--json] [--quiet] [--seconds N] [--pref64 PREFIX…]
                   [--resolver ADDRESS…] [--port PORT…] [--timeout SECONDS] [--rate router|home] [--ring MB]
                                             DNS as it passes here, questions and answers paired, until told to stop;
                                             needs CAP_NET_RAW, no agent. Memory is taken for the rate of a router, or
                                             of a home
  vsix-agent dns show FILE [--name NAME | --below NAME] [--client PREFIX] [--type TYPE] [--outcome OUTCOME] [--json]
                                             what dns capture wrote
`;
