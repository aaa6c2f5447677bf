import { Anchor, Group, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Link } from "wouter";
import { useMay, useRefreshOn } from "../../../api/queries.ts";
import type { Status } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { STATUS_EVENTS, statusQuery } from "../network-queries.ts";
import { edgesTexts } from "./edges.texts.ts";
import { DrainButton, ReleaseButton, SteerButton, UndrainButton } from "./moves.tsx";

type Edge = Status["edges"][number];

/** Where every Edge is wanted and seen, and how it is moved. */
export function EdgesPage() {
  const t = useTexts(edgesTexts);
  const status = useQuery(statusQuery);
  useRefreshOn(statusQuery.queryKey, STATUS_EVENTS);
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

function Edges({ edges, ours }: { readonly edges: readonly Edge[]; readonly ours: ReadonlySet<string> }) {
  const t = useTexts(edgesTexts);
  const may = useMay("steer");
  const [typed, setTyped] = useState("");
  const words = useDeferredValue(typed.trim().toLowerCase());
  const shown = edges.filter(({ edge, site, wanted }) =>
    [edge, site, wanted].some((one) => one.includes(words)),
  );
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("edges")}
      </Title>
      <TextInput
        label={t("filter")}
        value={typed}
        maxLength={64}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <WideTable
        label={t("edges")}
        minWidth={860}
        head={[
          ...[t("edge"), t("site"), t("wanted"), t("seen"), t("state"), t("quality")],
          ...(may ? [t("what")] : []),
        ]}
      >
        {shown.map((edge) => (
          <EdgeRow key={edge.edge} edge={edge} may={may} isOurs={ours.has(edge.edge)} />
        ))}
      </WideTable>
    </Stack>
  );
}

function EdgeRow({
  edge,
  may,
  isOurs,
}: {
  readonly edge: Edge;
  readonly may: boolean;
  /** It runs our agent, so there is a page of it. */
  readonly isOurs: boolean;
}) {
  const t = useTexts(edgesTexts);
  const format = useFormat();
  const seen = [
    ...new Set(edge.observed.map(({ inbound, outbound }) => `${inbound ?? "–"} / ${outbound ?? "–"}`)),
  ];
  const rtts = edge.observed.flatMap(({ rttUs }) => (rttUs === null ? [] : [rttUs]));
  const lost = edge.observed.flatMap(({ lost: one }) => (one === null ? [] : [one]));
  const others = edge.attachments.filter(({ plane }) => plane !== edge.wanted);
  return (
    <Table.Tr data-edge={edge.edge}>
      <Table.Th scope="row">
        {isOurs ? (
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
}
