import { Alert, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useParams } from "wouter";
import { useRefreshOn } from "../../../api/queries.ts";
import type { NodeDetail } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { FactTable } from "../../../parts/fact-table.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { nodeQuery, STATUS_EVENTS } from "../network-queries.ts";
import { machineTexts } from "./machine.texts.ts";
import { MachineWarnings } from "./machine-warnings.tsx";
import { nodeTexts } from "./node.texts.ts";
import { NodeActions } from "./node-actions.tsx";
import { KernelDigest, KernelObjects } from "./node-kernel.tsx";
import { NodeMachine } from "./node-machine.tsx";
import { NodeReport } from "./node-report.tsx";

/** One node: what it is to be, what it says it is, and who it may be. */
export function NodePage() {
  const name = useParams()["name"] ?? "";
  const query = nodeQuery(name);
  const node = useQuery(query);
  useRefreshOn(query.queryKey, STATUS_EVENTS);
  return (
    <Page title={name} actions={node.data !== undefined && <NodeActions name={name} />}>
      <Answer of={node}>
        {(data) => (
          <>
            <Warnings detail={data} />
            <Facts detail={data} />
            <NodeReport report={data.report} counters={data.counters} />
            {data.machine !== null && <NodeMachine machine={data.machine} />}
            <KernelObjects report={data.report} />
            <Parts detail={data} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Warnings({ detail: { node } }: { readonly detail: NodeDetail }) {
  const t = useTexts(machineTexts);
  if (node.warnings.length === 0) return null;
  return (
    <Alert role="status" title={t("warnings")}>
      <MachineWarnings warnings={node.warnings} />
    </Alert>
  );
}

function Facts({ detail: { node, report } }: { readonly detail: NodeDetail }) {
  const t = useTexts(nodeTexts);
  const format = useFormat();
  const { certificate } = node;
  const rows: readonly (readonly [string, ReactNode])[] = [
    [
      t("state"),
      <Mark key="state" tone={node.online ? (node.why.length === 0 ? "good" : "warning") : "bad"}>
        {node.online ? t("online") : t("offline")}
      </Mark>,
    ],
    [t("role"), node.role],
    [t("site"), node.site],
    [t("plane"), node.plane ?? "–"],
    [t("agent"), node.agentVersion ?? "–"],
    [t("generation"), `${node.generation ?? "–"} / ${node.wantedGeneration}`],
    [t("converged"), node.converged ? t("yes") : t("no")],
    [
      t("certificate"),
      certificate === null
        ? t("certificate-none")
        : t("certificate-line", { state: certificate.state, ends: format.time(certificate.ends) }),
    ],
    [t("digest"), <KernelDigest key="digest" kernel={report?.kernel} />],
    ...(node.refused === null ? [] : [[t("refused"), node.refused] as const]),
    ...(node.why.length === 0 ? [] : [[t("why"), node.why.join("; ")] as const]),
  ];
  return (
    <div data-online={node.online}>
      <FactTable label={t("facts")} rows={rows} />
    </div>
  );
}

function Parts({ detail: { parts, report } }: { readonly detail: NodeDetail }) {
  const t = useTexts(nodeTexts);
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("parts")}
      </Title>
      <WideTable label={t("parts")} minWidth={480} head={[t("part"), t("parts-generation"), "SHA-256"]}>
        {parts.map(({ name, generation, sha256 }) => (
          <Table.Tr key={name}>
            <Table.Th scope="row">{name}</Table.Th>
            <Table.Td>
              {report?.parts?.[name] ?? "–"} / {generation}
            </Table.Td>
            <Table.Td>
              <Text size="xs" ff="monospace">
                {sha256.slice(0, 16)}…
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}
