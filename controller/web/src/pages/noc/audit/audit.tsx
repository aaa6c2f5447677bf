import { Alert, Button, Code, Group, Table, Text, TextInput } from "@mantine/core";
import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "wouter";
import { api, dataOf } from "../../../api/client.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Failure } from "../../../parts/failure.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { auditTexts } from "./audit.texts.ts";

const A_PAGE = 100;

const auditQuery = (who: string, what: string, before: number) =>
  queryOptions({
    queryKey: ["audit", who, what, String(before)],
    queryFn: () =>
      dataOf(
        api.GET("/v1/audit", {
          params: {
            query: {
              limit: A_PAGE,
              ...(who === "" ? {} : { who }),
              ...(what === "" ? {} : { what }),
              ...(before > 0 ? { before } : {}),
            },
          },
        }),
      ),
  });

/** Who did what, newest first. What is asked for stands in the address: it can be sent to somebody. */
export function AuditPage() {
  const t = useTexts(auditTexts);
  const format = useFormat();
  const [search, setSearch] = useSearchParams();
  const who = search.get("who") ?? "";
  const what = search.get("what") ?? "";
  const asked = Number(search.get("before"));
  const before = Number.isSafeInteger(asked) ? asked : 0;
  const audit = useQuery(auditQuery(who, what, before));
  const ask = (next: { readonly who?: string; readonly what?: string; readonly before?: number }) => {
    const all = { who, what, before: 0, ...next };
    setSearch({
      ...(all.who === "" ? {} : { who: all.who }),
      ...(all.what === "" ? {} : { what: all.what }),
      ...(all.before > 0 ? { before: String(all.before) } : {}),
    });
  };
  return (
    <Page title={t("title")} actions={<Verify />}>
      <Filter key={`${who} ${what}`} who={who} what={what} onAsked={ask} />
      <Answer of={audit} isEmpty={(data) => data.audit.length === 0} empty={<Text>{t("nothing")}</Text>}>
        {({ audit: rows }) => (
          <>
            <WideTable
              label={t("title")}
              minWidth={760}
              head={[t("number"), t("at"), t("who"), t("what"), t("detail")]}
            >
              {rows.map((row) => (
                <Table.Tr key={row.id} data-audit={row.what}>
                  <Table.Th scope="row">{row.id}</Table.Th>
                  <Table.Td>{format.time(row.at)}</Table.Td>
                  <Table.Td>{row.who}</Table.Td>
                  <Table.Td>{row.what}</Table.Td>
                  <Table.Td maw={460}>
                    <Text size="xs" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                      {JSON.stringify(row.detail)}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </WideTable>
            <Group>
              {before > 0 && (
                <Button variant="default" onClick={() => ask({})}>
                  {t("newest")}
                </Button>
              )}
              {rows.length === A_PAGE && (
                <Button variant="default" onClick={() => ask({ before: rows.at(-1)?.id ?? 0 })}>
                  {t("older")}
                </Button>
              )}
            </Group>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Filter({
  who,
  what,
  onAsked,
}: {
  readonly who: string;
  readonly what: string;
  readonly onAsked: (next: { readonly who: string; readonly what: string }) => void;
}) {
  const t = useTexts(auditTexts);
  const [typedWho, setWho] = useState(who);
  const [typedWhat, setWhat] = useState(what);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAsked({ who: typedWho.trim(), what: typedWhat.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Group align="end">
        <TextInput
          label={t("who")}
          description={t("who-hint")}
          maxLength={128}
          value={typedWho}
          onChange={({ currentTarget }) => setWho(currentTarget.value)}
        />
        <TextInput
          label={t("what")}
          description={t("what-hint")}
          maxLength={128}
          value={typedWhat}
          onChange={({ currentTarget }) => setWhat(currentTarget.value)}
        />
        <Button type="submit">{t("filter")}</Button>
      </Group>
    </form>
  );
}

function Verify() {
  const t = useTexts(auditTexts);
  const verify = useMutation({ mutationFn: () => dataOf(api.GET("/v1/audit/verify")) });
  const { data } = verify;
  return (
    <>
      <Button size="xs" variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
        {t("verify")}
      </Button>
      {verify.error !== null && <Failure error={verify.error} />}
      {data !== undefined && (
        <Alert role="status" w="100%" color={data.broken === null ? "green" : "red"} data-sound={data.sound}>
          {data.broken === null ? (
            <>
              {t("sound", { count: data.sound, head: "" })}{" "}
              <Code style={{ overflowWrap: "anywhere" }}>
                {data.head.id}:{data.head.hash}
              </Code>
            </>
          ) : (
            t("broken", { record: data.broken.record, reason: data.broken.reason })
          )}
        </Alert>
      )}
    </>
  );
}
