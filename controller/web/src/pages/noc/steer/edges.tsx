import { Anchor, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { Link } from "wouter";
import { useMay, useRefreshOn } from "../../../api/queries.ts";
import type { Status } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { LongTable, type RowProps } from "../../../parts/long-table.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { useShared } from "../../../parts/shared.ts";
import { WideTable } from "../../../parts/wide-table.tsx";
import { STATUS_EVENTS, STATUS_GATHER_MS, statusQuery } from "../network-queries.ts";
import { edgesTexts } from "./edges.texts.ts";
import { DrainButton, ReleaseButton, SteerButton, UndrainButton } from "./moves.tsx";

type Edge = Status["edges"][number];

/** Where every Edge is wanted and seen, and how it is moved. */
export function EdgesPage() {
  const t = useTexts(edgesTexts);
  const status = useQuery(statusQuery);
  useRefreshOn(statusQuery.queryKey, STATUS_EVENTS, STATUS_GATHER_MS);
  return (
    <Page title={t("title")}>
      <Answer of={status} isEmpty={({ revision }) => revision === null} empty={<Text>{t("no-fabric")}</Text>}>
        {(data) => (
          <>
            <Planes status={data} />
            <Edges edges={data.edges} ours={new Set(data.nodes.map(({ name }) => name))} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Planes({ status }: { readonly status: Status }) {
  const t = useTexts(edgesTexts);
  const may = useMay("steer");
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("planes")}
      </Title>
      <WideTable
        label={t("planes")}
        minWidth={480}
        head={[t("plane"), t("state"), t("routers"), t("edges"), ...(may ? [t("what")] : [])]}
      >
        {status.planes.map(({ plane, drained, routers, routersOnline, edgesObserved, edgesWanted }) => (
          <Table.Tr key={plane} data-plane={plane}>
            <Table.Th scope="row">{plane}</Table.Th>
            <Table.Td>
              <Mark tone={drained ? "warning" : "good"}>{drained ? t("drained") : t("in-use")}</Mark>
            </Table.Td>
            <Table.Td>
              {routersOnline} / {routers}
            </Table.Td>
            <Table.Td>
              {edgesObserved} / {edgesWanted}
            </Table.Td>
            {may && (
              <Table.Td>{drained ? <UndrainButton plane={plane} /> : <DrainButton plane={plane} />}</Table.Td>
            )}
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}

interface ListedEdge extends Edge {
  /** It runs our agent, so there is a page of it. */
  readonly isOurs: boolean;
}

function Edges({ edges, ours }: { readonly edges: readonly Edge[]; readonly ours: ReadonlySet<string> }) {
  const t = useTexts(edgesTexts);
  const may = useMay("steer");
  const items = useShared(edges.map((edge): ListedEdge => ({ ...edge, isOurs: ours.has(edge.edge) })));
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("edges")}
      </Title>
      <LongTable
        label={t("edges")}
        minWidth={860}
        head={[
          ...[t("edge"), t("site"), t("wanted"), t("seen"), t("state"), t("quality")],
          ...(may ? [t("what")] : []),
        ]}
        items={items}
        keyOf={nameOf}
        textOf={textOf}
        Row={EdgeRow}
      />
    </Stack>
  );
}

const nameOf = ({ edge }: Edge): string => edge;
const textOf = ({ edge, site, wanted, notes }: Edge): string => [edge, site, wanted, ...notes].join(" ");

const EdgeRow = memo(function EdgeRow({ item: edge, place }: RowProps<ListedEdge>) {
  const may = useMay("steer");
  const t = useTexts(edgesTexts);
  const format = useFormat();
  const seen = [
    ...new Set(edge.observed.map(({ inbound, outbound }) => `${inbound ?? "–"} / ${outbound ?? "–"}`)),
  ];
  const rtts = edge.observed.flatMap(({ rttUs }) => (rttUs === null ? [] : [rttUs]));
  const lost = edge.observed.flatMap(({ lost: one }) => (one === null ? [] : [one]));
  const others = edge.attachments.filter(({ plane }) => plane !== edge.wanted);
  return (
    <Table.Tr data-edge={edge.edge} {...place}>
      <Table.Th scope="row">
        {edge.isOurs ? (
          <Anchor component={Link} href={`/noc/nodes/${edge.edge}`}>
            {edge.edge}
          </Anchor>
        ) : (
          edge.edge
        )}
      </Table.Th>
      <Table.Td>{edge.site}</Table.Td>
      <Table.Td>
        {edge.wanted} ({edge.reason})
      </Table.Td>
      <Table.Td>{seen.join(", ")}</Table.Td>
      <Table.Td maw={260}>
        <Mark tone={edge.asWanted ? "good" : "warning"}>
          {edge.asWanted ? t("as-wanted") : t("not-wanted")}
        </Mark>
        {edge.notes.map((note) => (
          <Text key={note} size="xs">
            {note}
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        {rtts.length === 0 ? "–" : `${format.number(Math.max(...rtts) / 1000)} ms`}
        {lost.length > 0 && `; ${t("lost-of", { lost: Math.max(...lost) })}`}
      </Table.Td>
      {may && (
        <Table.Td>
          <Group gap={6} wrap="nowrap">
            {others.map(({ plane }) => (
              <SteerButton key={plane} edge={edge.edge} plane={plane} />
            ))}
            {edge.reason === "steered" && <ReleaseButton edge={edge.edge} />}
          </Group>
        </Table.Td>
      )}
    </Table.Tr>
  );
});
