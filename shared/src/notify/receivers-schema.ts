import { type Static, Type } from "@sinclair/typebox";
import { Name } from "../fabric/schema-words.ts";

/**
 * The file of receivers, as written. The one truth: the published JSON Schema (shared/schema/receivers.schema.json) is
 * made from this, and receivers-file.ts checks against it. Secrets stand in files of their own, so that this one may be
 * shown and kept in git. No length of a URL is checked here: a fault of the schema shows the value.
 */

const only = { additionalProperties: false };

export const ReceiverFile = Type.Object(
  {
    name: Name,
    format: Type.Union([Type.Literal("slack"), Type.Literal("json")], {
      description: "A Slack-compatible incoming webhook, or a signed JSON webhook (shared/README.md).",
    }),
    url: Type.Optional(
      Type.String({ description: "Where to post: https://… One of url and urlFile is wanted." }),
    ),
    urlFile: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: "File that holds the URL, mode 600, seen from this file: URLs of Slack are secrets.",
      }),
    ),
    secretFile: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description:
          "File that holds the shared secret of signatures, mode 600, seen from this file. A json receiver needs one.",
      }),
    ),
    heartbeatS: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        description: "Seconds from one heartbeat to the next. Not written: none is sent.",
      }),
    ),
    allowLoopbackHttp: Type.Optional(
      Type.Boolean({ description: "Plain http:// to 127.0.0.1 or [::1], for a relay on this machine." }),
    ),
  },
  only,
);
export type ReceiverFile = Static<typeof ReceiverFile>;

export const ReceiversFile = Type.Object(
  {
    version: Type.Literal(1, { description: "Of this format." }),
    receivers: Type.Array(ReceiverFile, {
      minItems: 1,
      maxItems: 32,
      description: "Each gets every notice, in order.",
    }),
  },
  {
    ...only,
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "vSIX receivers of notices",
    $id: "receivers.schema.json",
  },
);
export type ReceiversFile = Static<typeof ReceiversFile>;
