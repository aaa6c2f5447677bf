import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { fromPbPath, toPbPath } from "gobgp-ts/convert-path.ts";
import { fromPbGlobal, fromPbPeer, toPbGlobal, toPbPeer } from "gobgp-ts/convert-peer.ts";
import { fromPbDefinedSet, fromPbPolicy } from "gobgp-ts/convert-policy.ts";
import { type GobgpError, toGobgpError } from "gobgp-ts/errors.ts";
import {
  GetBgpResponseSchema,
  ListDefinedSetResponseSchema,
  ListPathResponseSchema,
  ListPeerResponseSchema,
  ListPolicyResponseSchema,
  WatchEventResponseSchema,
} from "gobgp-ts/gen/gobgp_pb.js";
import { GrpcError } from "gobgp-ts/grpc/status.ts";

/** What gobgpd answers: protobuf, and values made of it as the client makes them. */

const global = { asn: 4200000001, routerId: "10.0.0.1", listenPort: 179, listenAddresses: ["::"] };
const peer = { address: "2001:db8::1", asn: 65101, holdS: 9, keepaliveS: 3, maxPrefixes: 100 };
const path = {
  prefix: "2001:db8:1::/48",
  nextHop: "2001:db8::1",
  asPath: [{ type: "confed-sequence", asns: [65101] }],
  med: 100,
  localPref: 100,
  largeCommunities: ["4690:80:5"],
} as const;

export function gobgpAnswers(): readonly Uint8Array[] {
  const pbPath = toPbPath(path);
  return [
    toBinary(GetBgpResponseSchema, create(GetBgpResponseSchema, { global: toPbGlobal(global) })),
    toBinary(ListPeerResponseSchema, create(ListPeerResponseSchema, { peer: toPbPeer(peer) })),
    toBinary(
      ListPathResponseSchema,
      create(ListPathResponseSchema, { destination: { prefix: path.prefix, paths: [pbPath] } }),
    ),
    toBinary(
      WatchEventResponseSchema,
      create(WatchEventResponseSchema, { event: { case: "table", value: { paths: [pbPath, pbPath] } } }),
    ),
  ];
}

/** Every answer is read as every kind: most have fields of the same numbers. Throws GrpcError for what is none at all. */
export function readGobgpAnswer(bytes: Uint8Array): void {
  let refused: GobgpError | undefined;
  let read = 0;
  for (const decode of DECODERS) {
    try {
      decode(bytes);
      read++;
    } catch (error) {
      // What the client makes of whatever is thrown inside of it.
      refused = toGobgpError(error, "fuzz");
    }
  }
  if (read === 0 && refused !== undefined) throw new GrpcError("internal", refused.message);
}

const DECODERS: readonly ((bytes: Uint8Array) => void)[] = [
  (bytes) => {
    const answer = fromBinary(GetBgpResponseSchema, bytes).global;
    if (answer !== undefined) fromPbGlobal(answer);
  },
  (bytes) => {
    const answer = fromBinary(ListPeerResponseSchema, bytes).peer;
    if (answer !== undefined) fromPbPeer(answer);
  },
  (bytes) => {
    for (const one of fromBinary(ListPathResponseSchema, bytes).destination?.paths ?? []) fromPbPath(one);
  },
  (bytes) => {
    const { event } = fromBinary(WatchEventResponseSchema, bytes);
    if (event.case === "table") for (const one of event.value.paths) fromPbPath(one);
    else if (event.case === "peer" && event.value.peer !== undefined) fromPbPeer(event.value.peer);
  },
  (bytes) => {
    const answer = fromBinary(ListDefinedSetResponseSchema, bytes).definedSet;
    if (answer !== undefined) fromPbDefinedSet(answer, "prefix");
  },
  (bytes) => {
    const answer = fromBinary(ListPolicyResponseSchema, bytes).policy;
    if (answer !== undefined) fromPbPolicy(answer);
  },
];
