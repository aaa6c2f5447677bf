import { Group, NativeSelect, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { api } from "../../../api/client.ts";
import type { AnyApplication } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Mark, type Tone } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { accessTexts } from "./access.texts.ts";
import { applicationsQuery, poolsQuery } from "./access-queries.ts";

/** What users applied for: to be decided, and what they have. */
export function ApplicationsPage() {
  const t = useTexts(accessTexts);
  const applications = useQuery(applicationsQuery);
  return (
    <Page title={t("applications")}>
      <Answer of={applications}>
        {({ applications: all }) => (
          <>
            <Waiting waiting={all.filter(({ state }) => state === "applied")} />
            <Everything all={all} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Waiting({ waiting }: { readonly waiting: readonly AnyApplication[] }) {
  const t = useTexts(accessTexts);
  return (
    <Stack gap="xs" component="section" aria-label={t("waiting")} data-waiting={waiting.length}>
      <Title order={2} size="h3">
        {t("waiting")}
      </Title>
      {waiting.length === 0 ? (
        <Text size="sm">{t("nothing-waits")}</Text>
      ) : (
        <List label={t("waiting")} shown={waiting} />
      )}
    </Stack>
  );
}

const STATES = ["active", "approved", "suspended", "refused", "revoked"] as const;
const isState = (text: string | null): text is (typeof STATES)[number] => STATES.some((one) => one === text);

function Everything({ all }: { readonly all: readonly AnyApplication[] }) {
  const t = useTexts(accessTexts);
  const [search, setSearch] = useSearchParams();
  const [typed, setTyped] = useState("");
  const asked = search.get("state");
  const state = isState(asked) ? asked : "";
  const words = typed.trim().toLowerCase();
  const shown = all.filter(
    (one) =>
      one.state !== "applied" &&
      (state === "" || one.state === state) &&
      [one.user, one.device, one.project ?? ""].some((text) => text.toLowerCase().includes(words)),
  );
  return (
    <Stack gap="xs" component="section" aria-label={t("all")}>
      <Title order={2} size="h3">
        {t("all")}
      </Title>
      <Group>
        <NativeSelect
          label={t("show-state")}
          value={state}
          data={[
            { value: "", label: t("all") },
            ...STATES.map((value) => ({ value, label: t(`is-${value}`) })),
          ]}
          onChange={({ currentTarget: { value } }) =>
            setSearch(value === "" ? {} : { state: value }, { replace: true })
          }
        />
        <TextInput
          label={t("filter")}
          value={typed}
          maxLength={64}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </Group>
      {shown.length === 0 ? (
        <Text size="sm">{t("no-applications")}</Text>
      ) : (
        <List label={t("all")} shown={shown} />
      )}
    </Stack>
  );
}

const TONES: Readonly<Record<AnyApplication["state"], Tone>> = {
  applied: "warning",
  approved: "good",
  active: "good",
  suspended: "warning",
  refused: "plain",
  revoked: "plain",
};

function List({ label, shown }: { readonly label: string; readonly shown: readonly AnyApplication[] }) {
  const t = useTexts(accessTexts);
  const format = useFormat();
  return (
    <WideTable
      label={label}
      minWidth={980}
      head={[
        ...[t("number"), t("user"), t("service"), t("device"), t("state"), t("prefixes")],
        ...[t("routers"), t("traffic"), t("what")],
      ]}
    >
      {shown.map((one) => (
        <Table.Tr key={one.id} data-application={one.id}>
          <Table.Th scope="row">{one.id}</Table.Th>
          <Table.Td>
            {one.user}
            {one.project !== null && ` (${one.project})`}
          </Table.Td>
          <Table.Td>{one.service}</Table.Td>
          <Table.Td>
            {one.device}
            {one.note !== "" && <Text size="xs">{one.note}</Text>}
          </Table.Td>
          <Table.Td>
            <Mark tone={TONES[one.state]}>{t(`is-${one.state}`)}</Mark>
            {[one.held, one.waiting, one.reason].map((why) =>
              why === null || why === "" ? null : (
                <Text key={why} size="xs">
                  {why}
                </Text>
              ),
            )}
          </Table.Td>
          <Table.Td>{one.prefixes.join(", ")}</Table.Td>
          <Table.Td>{one.routers.map(({ router, state }) => `${router} ${state}`).join(", ")}</Table.Td>
          <Table.Td>
            {one.use === null
              ? "–"
              : `${format.octets(one.use.rxOctets)} / ${format.octets(one.use.txOctets)}`}
          </Table.Td>
          <Table.Td>
            <Decide application={one} />
          </Table.Td>
        </Table.Tr>
      ))}
    </WideTable>
  );
}

type Action = "approve" | "refuse" | "suspend" | "resume" | "revoke";

function Decide({
  application: { id, user, service, device, state },
}: {
  readonly application: AnyApplication;
}) {
  const t = useTexts(accessTexts);
  const run = (action: Action) => (reason: string) =>
    api.POST("/v1/applications/{id}/{action}", { params: { path: { id, action } }, body: { reason } });
  const same = { needs: "access", refreshes: [applicationsQuery.queryKey, poolsQuery.queryKey] } as const;
  const what = `${user}/${device}`;
  return (
    <Group gap={6} wrap="nowrap">
      {state === "applied" && (
        <>
          <Confirmed {...same} label={t("approve")} of={what} run={run("approve")}>
            <Text>{t("approve-sure", { user, service, device })}</Text>
          </Confirmed>
          <Confirmed {...same} isDangerous reason="must" label={t("refuse")} of={what} run={run("refuse")}>
            <Text>{t("refuse-sure", { user })}</Text>
          </Confirmed>
        </>
      )}
      {(state === "active" || state === "approved") && (
        <Confirmed {...same} reason="must" label={t("suspend")} of={what} run={run("suspend")}>
          <Text>{t("suspend-sure")}</Text>
        </Confirmed>
      )}
      {state === "suspended" && (
        <Confirmed {...same} reason="may" label={t("resume")} of={what} run={run("resume")}>
          <Text>{t("resume-sure")}</Text>
        </Confirmed>
      )}
      {(state === "active" || state === "approved" || state === "suspended") && (
        <Confirmed {...same} isDangerous reason="must" label={t("revoke")} of={what} run={run("revoke")}>
          <Text>{t("revoke-sure")}</Text>
        </Confirmed>
      )}
    </Group>
  );
}
