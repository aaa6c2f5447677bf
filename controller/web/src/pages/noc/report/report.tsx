import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "wouter";
import type { EventReport } from "../../../../../src/core/report/model.ts";
import { api, dataOf } from "../../../api/client.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Page } from "../../../parts/page.tsx";
import { reportTexts } from "./report.texts.ts";
import { ReportAccess } from "./report-access.tsx";
import { ReportDns } from "./report-dns.tsx";
import { ReportHappenings } from "./report-happenings.tsx";

const DAY_MS = 86_400_000;

interface Asked {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly event: string;
}

const reportQuery = ({ fromMs, untilMs, event }: Asked) =>
  queryOptions({
    queryKey: ["report", String(fromMs), String(untilMs), event],
    queryFn: async () => {
      const query = { fromMs, untilMs, ...(event === "" ? {} : { event }) };
      // The API's document says "an object"; core/report/model.ts is what the controller makes.
      return (await dataOf(api.GET("/v1/report", { params: { query } }))) as unknown as EventReport;
    },
    // Each look at names is in the audit log: not one more than asked for.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What happened in a time, for who held an event. The question stands in the address. */
export function ReportPage() {
  const t = useTexts(reportTexts);
  const [search, setSearch] = useSearchParams();
  const fromMs = Number(search.get("from"));
  const untilMs = Number(search.get("until"));
  const event = search.get("event") ?? "";
  const isAsked =
    Number.isSafeInteger(fromMs) && Number.isSafeInteger(untilMs) && fromMs > 0 && untilMs > fromMs;
  return (
    <Page title={event === "" ? t("title") : t("title-of", { event })}>
      <Ask
        onAsked={(asked) =>
          setSearch({
            from: String(asked.fromMs),
            until: String(asked.untilMs),
            ...(asked.event === "" ? {} : { event: asked.event }),
          })
        }
      />
      {isAsked && <Report asked={{ fromMs, untilMs, event }} />}
    </Page>
  );
}

/** What a field of this type says, in the reader's own clock. */
function localText(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Ask({ onAsked }: { readonly onAsked: (asked: Asked) => void }) {
  const t = useTexts(reportTexts);
  const [from, setFrom] = useState(() => localText(Date.now() - DAY_MS));
  const [until, setUntil] = useState(() => localText(Date.now() + 60_000));
  const [event, setEvent] = useState("");
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    onAsked({ fromMs: new Date(from).getTime(), untilMs: new Date(until).getTime(), event: event.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Group align="end">
        <TextInput
          type="datetime-local"
          label={t("from")}
          required
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label={t("until")}
          required
          value={until}
          onChange={({ currentTarget }) => setUntil(currentTarget.value)}
        />
        <TextInput
          label={t("event")}
          maxLength={200}
          value={event}
          onChange={({ currentTarget }) => setEvent(currentTarget.value)}
        />
        <Button type="submit">{t("make")}</Button>
      </Group>
    </form>
  );
}

function Report({ asked }: { readonly asked: Asked }) {
  const t = useTexts(reportTexts);
  const report = useQuery(reportQuery(asked));
  return (
    <Answer of={report}>
      {(data) => (
        <div data-report>
          <Stack gap="lg">
            <Text size="sm">
              {t("network", {
                nodes: data.network.nodes,
                edges: data.network.edges,
                planes: data.network.planes.join(", "),
                revision: data.network.revision ?? "–",
              })}
            </Text>
            <ReportDns dns={data.dns} />
            <ReportAccess access={data.access} />
            <ReportHappenings report={data} />
          </Stack>
        </div>
      )}
    </Answer>
  );
}
