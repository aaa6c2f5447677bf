import { Anchor, Stack, Table, Text, Title } from "@mantine/core";
import { memo } from "react";
import { Link } from "wouter";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import type { DrawnLink, DrawnNode, Network } from "../../../model/network.ts";
import { LongTable, type RowProps } from "../../../parts/long-table.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { liveTexts } from "./live.texts.ts";

/** What the drawing shows, in words: for who cannot see it, and for who would rather read. */
export function NetworkLists({ network }: { readonly network: Network }) {
  const t = useTexts(liveTexts);
  return (
    <Stack>
      <Title order={2} size="h3">
        {t("nodes")}
      </Title>
      <LongTable
        label={t("nodes")}
        head={[t("name"), t("role"), t("site"), t("seen"), t("state"), t("why")]}
        items={network.nodes}
        keyOf={nameOf}
        textOf={nodeText}
        Row={NodeRow}
      />
      <Title order={2} size="h3">
        {t("links")}
      </Title>
      <LongTable
        label={t("links")}
        head={[t("link"), t("plane"), t("state"), t("a-to-b"), t("b-to-a"), t("lost")]}
        items={network.links}
        keyOf={nameOf}
        textOf={linkText}
        Row={LinkRow}
      />
    </Stack>
  );
}

const nameOf = ({ name }: { readonly name: string }): string => name;
const nodeText = ({ name, role, site, plane, why }: DrawnNode): string =>
  [name, role, site, plane ?? "", ...why].join(" ");
const linkText = ({ a, b, plane }: DrawnLink): string => [a, b, plane ?? ""].join(" ");

const NodeRow = memo(function NodeRow({ item: node, place }: RowProps<DrawnNode>) {
  const t = useTexts(liveTexts);
  const roles: Readonly<Record<string, string>> = {
    plane: t("role-plane"),
    "external-edge": t("role-external-edge"),
    edge: t("role-edge"),
    upstream: t("role-upstream"),
  };
  return (
    <Table.Tr data-listed={node.name} {...place}>
      <Table.Th scope="row">
        {node.isOurs ? (
          <Anchor component={Link} href={`/noc/nodes/${node.name}`}>
            {node.name}
          </Anchor>
        ) : (
          node.name
        )}
      </Table.Th>
      <Table.Td>{roles[node.role] ?? node.role}</Table.Td>
      <Table.Td>{node.site}</Table.Td>
      <Table.Td>{node.plane ?? (node.role === "edge" ? t("not-known") : "–")}</Table.Td>
      <Table.Td>
        <Mark tone={node.tone}>{t(`state-${node.tone}`)}</Mark>
      </Table.Td>
      <Table.Td>
        {node.isAstray && <Text size="sm">{t("astray", { plane: node.wanted ?? "" })}</Text>}
        {node.why.map((reason) => (
          <Text key={reason} size="sm">
            {reason}
          </Text>
        ))}
      </Table.Td>
    </Table.Tr>
  );
});

const LinkRow = memo(function LinkRow({ item: link, place }: RowProps<DrawnLink>) {
  const t = useTexts(liveTexts);
  const format = useFormat();
  const load = (mbps: number | null): string => (mbps === null ? "–" : format.number(mbps));
  const lost = [
    ...(link.lostPps === null ? [] : [t("lost-pps", { count: link.lostPps })]),
    ...(link.lostProbes === null ? [] : [t("lost-probes", { count: link.lostProbes })]),
  ];
  return (
    <Table.Tr {...place}>
      <Table.Th scope="row">
        {link.a} – {link.b}
        {link.overrides > 0 && <Text size="sm">{t("overrides", { count: link.overrides })}</Text>}
      </Table.Th>
      <Table.Td>{link.plane ?? "–"}</Table.Td>
      <Table.Td>
        <Mark tone={link.isDown ? "bad" : "good"}>{link.isDown ? t("link-down") : t("link-up")}</Mark>
      </Table.Td>
      <Table.Td>{load(link.aToBMbps)}</Table.Td>
      <Table.Td>{load(link.bToAMbps)}</Table.Td>
      <Table.Td>{lost.length === 0 ? "–" : lost.join(", ")}</Table.Td>
    </Table.Tr>
  );
});
