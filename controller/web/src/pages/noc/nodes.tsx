import { Anchor, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { Link } from "wouter";
import { useRefreshOn } from "../../api/queries.ts";
import type { NodeStatus, Status } from "../../api/types.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Answer } from "../../parts/answer.tsx";
import { LongTable, type RowProps } from "../../parts/long-table.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { WideTable } from "../../parts/wide-table.tsx";
import { STATUS_EVENTS, STATUS_GATHER_MS, statusQuery } from "./network-queries.ts";
import { MachineWarnings } from "./node/machine-warnings.tsx";
import { nodesTexts } from "./nodes.texts.ts";

/** Every node as it is wanted and observed, live. */
export function NodesPage() {
  const t = useTexts(nodesTexts);
  const status = useQuery(statusQuery);
  useRefreshOn(statusQuery.queryKey, STATUS_EVENTS, STATUS_GATHER_MS);
  return (
    <Page title={t("title")}>
      <Answer of={status} isEmpty={({ revision }) => revision === null} empty={<Text>{t("no-fabric")}</Text>}>
        {(data) => (
          <>
            <Summary status={data} />
            <Planes status={data} />
            <Nodes nodes={data.nodes} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Summary({ status }: { readonly status: Status }) {
  const t = useTexts(nodesTexts);
  return (
    <div role="status">
      <Mark tone={status.ready ? "good" : "bad"}>
        {status.ready ? t("good") : t("bad")} · {t("revision", { revision: status.revision ?? 0 })}
      </Mark>
      <Why reasons={status.why} />
    </div>
  );
}

/** Few are read; the rest is the nodes' own. */
const MOST_REASONS = 5;

function Why({ reasons }: { readonly reasons: readonly string[] }) {
  return reasons.slice(0, MOST_REASONS).map((reason) => (
    <Text key={reason} size="sm">
      {reason}
    </Text>
  ));
}

function Planes({ status }: { readonly status: Status }) {
  const t = useTexts(nodesTexts);
  return (
    <Stack component="section" aria-label={t("planes")}>
      <Title order={2} size="h3">
        {t("planes")}
      </Title>
      <WideTable label={t("planes")} minWidth={500} head={[t("plane"), t("routers"), t("edges")]}>
        {status.planes.map((plane) => (
          <Table.Tr key={plane.plane}>
            <Table.Th scope="row">
              {plane.plane}
              {plane.drained && ` (${t("drained")})`}
            </Table.Th>
            <Table.Td>
              {plane.routersOnline} / {plane.routers}
            </Table.Td>
            <Table.Td>
              {plane.edgesObserved} / {plane.edgesWanted}
            </Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}

function Nodes({ nodes }: { readonly nodes: readonly NodeStatus[] }) {
  const t = useTexts(nodesTexts);
  return (
    <LongTable
      label={t("table")}
      minWidth={900}
      head={[
        t("name"),
        t("state"),
        t("role"),
        t("site"),
        t("plane"),
        t("generation"),
        t("sessions"),
        t("conditions"),
        t("why"),
        t("version"),
      ]}
      items={nodes}
      keyOf={nameOf}
      textOf={textOf}
      Row={NodeRow}
    />
  );
}

const nameOf = ({ name }: NodeStatus): string => name;
const textOf = ({ name, role, site, plane, why, warnings }: NodeStatus): string =>
  [name, role, site, plane ?? "", ...why, ...warnings.map(({ text }) => text)].join(" ");

const NodeRow = memo(function NodeRow({ item: node, place }: RowProps<NodeStatus>) {
  const t = useTexts(nodesTexts);
  return (
    <Table.Tr data-node={node.name} {...place}>
      <Table.Th scope="row">
        <Anchor component={Link} href={`/noc/nodes/${node.name}`}>
          {node.name}
        </Anchor>
      </Table.Th>
      <Table.Td>
        <Mark tone={node.online ? (node.why.length === 0 ? "good" : "warning") : "bad"}>
          {node.online ? t("online") : t("offline")}
        </Mark>
      </Table.Td>
      <Table.Td>{node.role}</Table.Td>
      <Table.Td>{node.site}</Table.Td>
      <Table.Td>{node.plane ?? "–"}</Table.Td>
      <Table.Td>
        {node.generation ?? "–"} / {node.wantedGeneration}
      </Table.Td>
      <Table.Td>
        {node.sessionsUp} / {node.sessionsWanted}
      </Table.Td>
      <Table.Td>{node.conditions}</Table.Td>
      <Table.Td maw={320}>
        <Why reasons={node.why} />
        <MachineWarnings warnings={node.warnings} />
      </Table.Td>
      <Table.Td>{node.agentVersion ?? "–"}</Table.Td>
    </Table.Tr>
  );
});
