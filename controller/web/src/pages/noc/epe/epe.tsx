import { Alert, Anchor, Button, Group, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import { api } from "../../../api/client.ts";
import { useRefreshOn } from "../../../api/queries.ts";
import type { Epe } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { destinationsQuery, epeHistoryQuery, epeQuery } from "../network-queries.ts";
import { epeTexts } from "./epe.texts.ts";
import { EpeHistory } from "./epe-history.tsx";

/** Egress peer engineering: how it is, what could be gained, what was done, and the switch. */
export function EpePage() {
  const t = useTexts(epeTexts);
  const epe = useQuery(epeQuery);
  useRefreshOn(epeQuery.queryKey, ["epe", "commit"]);
  useRefreshOn(destinationsQuery.queryKey, ["epe"]);
  useRefreshOn(epeHistoryQuery.queryKey, ["epe"]);
  return (
    <Page title={t("title")} actions={epe.data !== undefined && <Switches epe={epe.data} />}>
      <Answer of={epe}>
        {(data) => (
          <>
            <Standing epe={data} />
            <Peers epe={data} />
            <Ask />
            <Destinations />
            <EpeHistory />
          </>
        )}
      </Answer>
    </Page>
  );
}

const WAIT_MS = 10_000;

function Switches({ epe: { mode } }: { readonly epe: Epe }) {
  const t = useTexts(epeTexts);
  const to = (wanted: "off" | "observe" | "enforce") => (note: string) =>
    api.POST("/v1/epe/mode", { body: { mode: wanted, note, waitMs: WAIT_MS } });
  const same = {
    needs: "steer",
    reason: "may",
    refreshes: [epeQuery.queryKey, epeHistoryQuery.queryKey, destinationsQuery.queryKey],
  } as const;
  return (
    <Group gap="xs">
      {mode !== "observe" && (
        <Confirmed {...same} label={t("observe")} run={to("observe")}>
          <Text>{t("observe-sure")}</Text>
        </Confirmed>
      )}
      {mode !== "enforce" && (
        <Confirmed {...same} label={t("enforce")} run={to("enforce")}>
          <Text>{t("enforce-sure")}</Text>
        </Confirmed>
      )}
      {mode !== "off" && (
        <Confirmed {...same} isDangerous label={t("off")} run={to("off")}>
          <Text>{t("off-sure")}</Text>
        </Confirmed>
      )}
    </Group>
  );
}

function Standing({ epe }: { readonly epe: Epe }) {
  const t = useTexts(epeTexts);
  const format = useFormat();
  const words = { off: t("mode-off"), observe: t("mode-observe"), enforce: t("mode-enforce") };
  const { accounts, decidedAgoMs, destinations, overrides } = epe;
  return (
    <Stack gap="xs">
      <div role="status" data-mode={epe.mode}>
        <Mark tone={epe.mode === "off" ? "plain" : epe.mode === "enforce" ? "good" : "warning"}>
          {t("mode", { mode: words[epe.mode] })}
        </Mark>
      </div>
      {!epe.policy && <Text size="sm">{t("no-policy")}</Text>}
      {decidedAgoMs !== null && (
        <Text size="sm">
          {t("decided", { seconds: Math.round(decidedAgoMs / 1000), destinations, overrides })}
        </Text>
      )}
      <Text size="sm">
        {t("accounts", {
          moves: accounts.moves,
          kept: accounts.kept,
          takenBack: accounts.takenBack,
          reverted: accounts.reverted,
        })}
      </Text>
      {accounts.meanGainMs !== null && (
        <Text size="sm">
          {t("mean-gain", { ms: format.number(Math.round(accounts.meanGainMs * 10) / 10) })}
        </Text>
      )}
      {epe.alarms.map((text) => (
        <Alert key={text} color="orange" title={t("alarms")}>
          {text}
        </Alert>
      ))}
    </Stack>
  );
}

function Peers({ epe: { peers } }: { readonly epe: Epe }) {
  const t = useTexts(epeTexts);
  const format = useFormat();
  const mbps = (value: number | null): string => (value === null ? "–" : format.number(value));
  if (peers.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("peers")}
      </Title>
      <WideTable
        label={t("peers")}
        minWidth={560}
        head={[t("peer"), t("session"), "SID", t("capacity"), t("overrides")]}
      >
        {peers.map((peer) => (
          <Table.Tr key={peer.peer} data-peer={peer.peer}>
            <Table.Th scope="row">{peer.peer}</Table.Th>
            <Table.Td>
              <Mark tone={peer.established === null ? "plain" : peer.established ? "good" : "bad"}>
                {peer.established === null ? "–" : peer.established ? t("up") : t("down")}
              </Mark>
            </Table.Td>
            <Table.Td>{peer.sid ?? "–"}</Table.Td>
            <Table.Td>
              {mbps(peer.mbps)} → {mbps(peer.afterMbps)} / {mbps(peer.capacityMbps)}
            </Table.Td>
            <Table.Td>{peer.overrides}</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}

function Ask() {
  const t = useTexts(epeTexts);
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate(`/noc/epe/explain?destination=${encodeURIComponent(typed.trim())}`);
  };
  return (
    <form onSubmit={submit}>
      <Group align="end">
        <TextInput
          label={t("explain-field")}
          required
          maxLength={64}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <Button type="submit" variant="default">
          {t("explain-go")}
        </Button>
      </Group>
    </form>
  );
}

function Destinations() {
  const t = useTexts(epeTexts);
  const format = useFormat();
  const destinations = useQuery(destinationsQuery);
  const figure = (value: number | null): string =>
    value === null ? "–" : format.number(Math.round(value * 10) / 10);
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("destinations")}
      </Title>
      <Answer
        of={destinations}
        isEmpty={({ rows }) => rows.length === 0}
        empty={<Text size="sm">{t("no-destinations")}</Text>}
      >
        {({ rows }) => (
          <WideTable
            label={t("destinations")}
            minWidth={860}
            head={[
              ...[t("destination"), t("node"), t("gain"), t("peer"), t("bgp-choice")],
              ...[t("rtt"), t("mbps"), t("rule")],
            ]}
          >
            {rows.map((row) => (
              <Table.Tr key={`${row.node} ${row.className} ${row.prefix}`}>
                <Table.Th scope="row">
                  <Anchor
                    component={Link}
                    href={`/noc/epe/explain?destination=${encodeURIComponent(row.prefix)}`}
                  >
                    {row.prefix}
                  </Anchor>
                </Table.Th>
                <Table.Td>{row.node}</Table.Td>
                <Table.Td>{figure(row.gainMs)}</Table.Td>
                <Table.Td>{row.peer ?? "BGP"}</Table.Td>
                <Table.Td>{row.bgp ?? "–"}</Table.Td>
                <Table.Td>{figure(row.rttMs)}</Table.Td>
                <Table.Td>{figure(row.mbps)}</Table.Td>
                <Table.Td maw={300}>{row.words}</Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        )}
      </Answer>
    </Stack>
  );
}
