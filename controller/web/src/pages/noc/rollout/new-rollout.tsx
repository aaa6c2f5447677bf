import {
  Button,
  Group,
  MultiSelect,
  NativeSelect,
  NumberInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { api, dataOf } from "../../../api/client.ts";
import type { Status } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Failure } from "../../../parts/failure.tsx";
import { Page } from "../../../parts/page.tsx";
import { rolloutsQuery, statusQuery } from "../network-queries.ts";
import { rolloutTexts } from "./rollout.texts.ts";
import { Steps } from "./rollout.tsx";

/** To move Edges to another plane, step by step: what it would do is shown before it is done. */
export function NewRolloutPage() {
  const t = useTexts(rolloutTexts);
  const status = useQuery(statusQuery);
  return (
    <Page title={t("title-new")}>
      <Answer of={status}>{(data) => <Form status={data} />}</Answer>
    </Page>
  );
}

interface Asked {
  readonly to: string;
  readonly from: string;
  readonly steps: string;
  readonly intervalS: number;
  readonly rehearsalS: number;
  readonly moveS: number;
  readonly deadlineMin: number;
  readonly failureLimit: number;
  readonly edges: readonly string[];
  readonly canaries: readonly string[];
  readonly note: string;
}

const bodyOf = ({
  to,
  from,
  intervalS,
  rehearsalS,
  moveS,
  deadlineMin,
  edges,
  canaries,
  ...rest
}: Asked) => ({
  ...rest,
  to,
  ...(from === "" ? {} : { from }),
  intervalMs: intervalS * 1000,
  rehearsalMs: rehearsalS * 1000,
  moveMs: moveS * 1000,
  deadlineMs: deadlineMin * 60_000,
  edges: [...edges],
  canaries: [...canaries],
});

/** Fields that the controller fills in by itself (RolloutBody). */
const REST = { labels: {}, baselineNow: false, metrics: {} };

function Form({ status }: { readonly status: Status }) {
  const t = useTexts(rolloutTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const planes = status.planes.map(({ plane }) => plane);
  const names = status.edges.map(({ edge }) => edge);
  const fewest = [...status.planes].sort((a, b) => a.edgesWanted - b.edgesWanted)[0]?.plane ?? "";
  const [asked, setAsked] = useState<Asked>({
    ...{ to: fewest, from: "", steps: "1,10%,50%,100%", intervalS: 60, rehearsalS: 15, moveS: 10 },
    ...{ deadlineMin: 60, failureLimit: 1, edges: [], canaries: [], note: "" },
  });
  const ask = (dryRun: boolean) =>
    dataOf(api.POST("/v1/rollouts", { body: { ...REST, ...bodyOf(asked), dryRun } }));
  const plan = useMutation({ mutationFn: () => ask(true) });
  const start = useMutation({
    mutationFn: () => ask(false),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: rolloutsQuery.queryKey });
      navigate(`/noc/rollouts/${id}`);
    },
  });
  // Another wish makes what was shown old.
  const set = (change: Partial<Asked>) => {
    setAsked((before) => ({ ...before, ...change }));
    plan.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    plan.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NativeSelect
            label={t("to")}
            value={asked.to}
            data={planes}
            onChange={({ currentTarget }) => set({ to: currentTarget.value })}
          />
          <NativeSelect
            label={t("from")}
            value={asked.from}
            data={[{ value: "", label: t("from-any") }, ...planes]}
            onChange={({ currentTarget }) => set({ from: currentTarget.value })}
          />
          <TextInput
            label={t("steps")}
            description={t("steps-hint")}
            required
            maxLength={512}
            value={asked.steps}
            onChange={({ currentTarget }) => set({ steps: currentTarget.value })}
          />
          <Amount
            label={t("interval")}
            value={asked.intervalS}
            most={86_400}
            onChange={(intervalS) => set({ intervalS })}
          />
          <Amount
            label={t("rehearsal")}
            value={asked.rehearsalS}
            most={86_400}
            onChange={(rehearsalS) => set({ rehearsalS })}
          />
          <Amount label={t("move")} value={asked.moveS} most={600} onChange={(moveS) => set({ moveS })} />
          <Amount
            label={t("deadline")}
            value={asked.deadlineMin}
            most={43_200}
            onChange={(deadlineMin) => set({ deadlineMin })}
          />
          <Amount
            label={t("failure-limit")}
            value={asked.failureLimit}
            most={1000}
            onChange={(failureLimit) => set({ failureLimit })}
          />
          <TextInput
            label={t("note")}
            maxLength={1024}
            value={asked.note}
            onChange={({ currentTarget }) => set({ note: currentTarget.value })}
          />
          <MultiSelect
            label={t("edges")}
            description={t("edges-hint")}
            searchable
            limit={50}
            data={names}
            value={[...asked.edges]}
            onChange={(edges) => set({ edges })}
          />
          <MultiSelect
            label={t("canaries")}
            description={t("canaries-hint")}
            searchable
            limit={50}
            data={names}
            value={[...asked.canaries]}
            onChange={(canaries) => set({ canaries })}
          />
        </SimpleGrid>
        {(plan.error ?? start.error) !== null && <Failure error={plan.error ?? start.error} />}
        <Group>
          <Button
            type="submit"
            variant={plan.data === undefined ? "filled" : "default"}
            loading={plan.isPending}
          >
            {t("preview")}
          </Button>
        </Group>
        {plan.data !== undefined && (
          <Stack component="section" aria-label={t("plan")} data-plan={plan.data.cohort.length}>
            <Steps rollout={plan.data} />
            <Least ms={plan.data.leastMs} />
            {plan.data.unjudged.map((what) => (
              <Text key={what} size="sm" c="dimmed">
                {t("unjudged", { what })}
              </Text>
            ))}
            <Group>
              <Button loading={start.isPending} onClick={() => start.mutate()}>
                {t("start")}
              </Button>
            </Group>
          </Stack>
        )}
      </Stack>
    </form>
  );
}

function Least({ ms }: { readonly ms: number }) {
  const t = useTexts(rolloutTexts);
  const format = useFormat();
  return <Text size="sm">{t("least", { minutes: format.number(Math.round(ms / 6000) / 10) })}</Text>;
}

function Amount({
  label,
  value,
  most,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <NumberInput
      label={label}
      value={value}
      min={1}
      max={most}
      allowDecimal={false}
      hideControls
      onChange={(to) => {
        if (typeof to === "number") onChange(to);
      }}
    />
  );
}
