import { Button, Card, Group, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "wouter";
import { useRefreshOn } from "../../../api/queries.ts";
import type { Explanation } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { epeHistoryQuery, explainQuery } from "../network-queries.ts";
import { epeTexts } from "./epe.texts.ts";
import { EpeHistory } from "./epe-history.tsx";
import { MovePlots } from "./move-plots.tsx";

/** Why one destination leaves as it does: every peer, every figure, what was done. */
export function ExplainPage() {
  const t = useTexts(epeTexts);
  const [search, setSearch] = useSearchParams();
  const destination = search.get("destination") ?? "";
  const [typed, setTyped] = useState(destination);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSearch({ destination: typed.trim() });
  };
  return (
    <Page title={destination === "" ? t("explain-title-none") : t("explain-title", { destination })}>
      <form onSubmit={submit}>
        <Group align="end">
          <TextInput
            label={t("explain-field")}
            required
            maxLength={64}
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
          <Button type="submit">{t("explain-go")}</Button>
        </Group>
      </form>
      {destination !== "" && <Explained destination={destination} />}
    </Page>
  );
}

function Explained({ destination }: { readonly destination: string }) {
  const query = explainQuery(destination);
  const explanation = useQuery(query);
  useRefreshOn(query.queryKey, ["epe"]);
  // What was done with this destination is below it.
  useRefreshOn(epeHistoryQuery.queryKey, ["epe"]);
  return (
    <Answer of={explanation}>
      {(data) => (
        <>
          {data.decisions.map((one) => (
            <Decided key={`${one.decision.node} ${one.decision.className}`} one={one} />
          ))}
          <MovePlots prefix={data.prefix} />
          <EpeHistory of={data.prefix} />
        </>
      )}
    </Answer>
  );
}

function Decided({ one: { decision, words } }: { readonly one: Explanation["decisions"][number] }) {
  const t = useTexts(epeTexts);
  const format = useFormat();
  const figure = (value: number | undefined): string =>
    value === undefined ? "–" : format.number(Math.round(value * 10) / 10);
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Title order={2} size="h3">
          {decision.node} ({decision.className})
        </Title>
        {words.map((line) => (
          <Text key={line} size="sm">
            {line}
          </Text>
        ))}
        <WideTable
          label={`${t("peer-figures")}: ${decision.node} ${decision.className}`}
          minWidth={560}
          head={[t("peer"), t("verdict"), t("rtt"), t("jitter"), t("lost"), t("as-path"), t("gain")]}
        >
          {decision.peers.map((peer) => (
            <Table.Tr key={peer.peer}>
              <Table.Th scope="row">{peer.peer}</Table.Th>
              <Table.Td>{peer.code}</Table.Td>
              <Table.Td>{figure(peer.rttMs)}</Table.Td>
              <Table.Td>{figure(peer.jitterMs)}</Table.Td>
              <Table.Td>
                {peer.lost} / {peer.sent}
              </Table.Td>
              <Table.Td>{figure(peer.asPathLength)}</Table.Td>
              <Table.Td>{figure(peer.comparison?.gainMs)}</Table.Td>
            </Table.Tr>
          ))}
        </WideTable>
      </Stack>
    </Card>
  );
}
