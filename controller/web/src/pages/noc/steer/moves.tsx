import { Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../../api/client.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { MovePreview } from "../../../parts/move-preview.tsx";
import { rolloutsQuery, statusQuery } from "../network-queries.ts";
import { edgesTexts } from "./edges.texts.ts";

/** What moves Edges; each shows who would move before it is done. Where they are then seen, the page itself says. */

/** What was moved is seen live: nothing has to be waited for. */
const WAIT_MS = 0;
const AFTERWARDS = [statusQuery.queryKey, rolloutsQuery.queryKey];

function useRollouts(): boolean {
  const { data } = useQuery(rolloutsQuery);
  return data?.rollouts.some(({ endedAt }) => endedAt === null) === true;
}

function Exception({
  value,
  onChange,
}: {
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}) {
  const t = useTexts(edgesTexts);
  const isRunning = useRollouts();
  if (!isRunning) return null;
  return (
    <Checkbox
      label={t("exception")}
      checked={value}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
  );
}

export function SteerButton({ edge, plane }: { readonly edge: string; readonly plane: string }) {
  const t = useTexts(edgesTexts);
  const [exception, setException] = useState(false);
  const ask = (dryRun: boolean) =>
    dataOf(
      api.POST("/v1/edges/{edge}/steer", {
        params: { path: { edge } },
        body: { plane, waitMs: WAIT_MS, exception, dryRun },
      }),
    );
  return (
    <Confirmed
      needs="steer"
      label={t("move", { plane })}
      of={edge}
      run={() => ask(false)}
      refreshes={AFTERWARDS}
    >
      <MovePreview name={["steer", edge, plane]} ask={() => ask(true)} />
      <Exception value={exception} onChange={setException} />
    </Confirmed>
  );
}

export function ReleaseButton({ edge }: { readonly edge: string }) {
  const t = useTexts(edgesTexts);
  const [exception, setException] = useState(false);
  const ask = (dryRun: boolean) =>
    dataOf(
      api.POST("/v1/edges/{edge}/release", {
        params: { path: { edge } },
        body: { waitMs: WAIT_MS, exception, dryRun },
      }),
    );
  return (
    <Confirmed needs="steer" label={t("release")} of={edge} run={() => ask(false)} refreshes={AFTERWARDS}>
      <MovePreview name={["release", edge]} ask={() => ask(true)} />
      <Exception value={exception} onChange={setException} />
    </Confirmed>
  );
}

export function DrainButton({ plane }: { readonly plane: string }) {
  const t = useTexts(edgesTexts);
  const [force, setForce] = useState(false);
  const [exception, setException] = useState(false);
  const ask = (dryRun: boolean) =>
    dataOf(
      api.POST("/v1/planes/{plane}/drain", {
        params: { path: { plane } },
        body: { force, waitMs: WAIT_MS, exception, dryRun },
      }),
    );
  return (
    <Confirmed
      needs="steer"
      isDangerous
      label={t("drain")}
      of={plane}
      run={() => ask(false)}
      refreshes={AFTERWARDS}
    >
      <MovePreview name={["drain", plane, String(force)]} ask={() => ask(true)} />
      <Checkbox
        label={t("drain-force")}
        checked={force}
        onChange={({ currentTarget }) => setForce(currentTarget.checked)}
      />
      <Exception value={exception} onChange={setException} />
    </Confirmed>
  );
}

export function UndrainButton({ plane }: { readonly plane: string }) {
  const t = useTexts(edgesTexts);
  const ask = (dryRun: boolean) =>
    dataOf(
      api.POST("/v1/planes/{plane}/undrain", {
        params: { path: { plane } },
        body: { waitMs: WAIT_MS, dryRun },
      }),
    );
  return (
    <Confirmed needs="steer" label={t("undrain")} of={plane} run={() => ask(false)} refreshes={AFTERWARDS}>
      <MovePreview name={["undrain", plane]} ask={() => ask(true)} />
    </Confirmed>
  );
}
