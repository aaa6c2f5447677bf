import type { Scenario } from "../scenario.ts";
import { ACCESS_CAMP_SCENARIOS } from "./access-camp.ts";
import { ACCESS_SRV6_SCENARIOS } from "./access-srv6.ts";
import { ACCESS_VPN_SCENARIOS } from "./access-vpn.ts";
import { BORDER_SCENARIOS } from "./border.ts";
import { DNS_AWAY_SCENARIOS } from "./dns-away.ts";
import { DNS_STORED_SCENARIOS } from "./dns-stored.ts";
import { DNS64_ANSWER_SCENARIOS } from "./dns64-answers.ts";
import { DNS64_ANYCAST_SCENARIOS } from "./dns64-anycast.ts";
import { EPE_BUTTON_SCENARIOS } from "./epe-button.ts";
import { EPE_CLASS_SCENARIOS } from "./epe-class.ts";
import { EPE_EXIT_SCENARIOS } from "./epe-exits.ts";
import { EPE_FALLBACK_SCENARIOS } from "./epe-fallback.ts";
import { EPE_FAULT_SCENARIOS } from "./epe-fault.ts";
import { EPE_FROM_CONTROLLER_SCENARIOS } from "./epe-from-controller.ts";
import { EPE_MOVE_SCENARIOS } from "./epe-move.ts";
import { EPE_MTU_SCENARIOS } from "./epe-mtu.ts";
import { EPE_STEP_SCENARIOS } from "./epe-step.ts";
import { EPE_STILL_SCENARIOS } from "./epe-still.ts";
import { EPE_TOLD_SCENARIOS } from "./epe-told.ts";
import { EPE_TRAFFIC_SCENARIOS } from "./epe-traffic.ts";
import { FAULT_SCENARIOS } from "./fault.ts";
import { FAULT_BROKER_SCENARIOS } from "./fault-broker.ts";
import { FAULT_CLOCK_SCENARIOS } from "./fault-clock.ts";
import { FAULT_CONTROLLER_SCENARIOS } from "./fault-controller.ts";
import { FAULT_DISK_SCENARIOS } from "./fault-disk.ts";
import { FAULT_OFFLINE_SCENARIOS } from "./fault-offline.ts";
import { FAULT_PROCESS_SCENARIOS } from "./fault-process.ts";
import { FAULT_SECOND_SCENARIOS } from "./fault-second.ts";
import { FAULT_SILENT_SCENARIOS } from "./fault-silent.ts";
import { HEALTH_SCENARIOS } from "./health-layers.ts";
import { HOME_WIFI_SCENARIOS } from "./home-wifi.ts";
import { IMAGE_PI_SCENARIOS } from "./image-pi.ts";
import { IMAGE_ROLLOUT_SCENARIOS } from "./image-rollout.ts";
import { IMAGE_ROUTER_SCENARIOS } from "./image-router.ts";
import { LAN_SCENARIOS } from "./lan-client.ts";
import { NAT64_SCENARIOS } from "./nat64.ts";
import { PATH_QUALITY_SCENARIOS } from "./path-quality.ts";
import { PATH_WATCH_SCENARIOS } from "./path-watch.ts";
import { PLANE_SCENARIOS } from "./plane.ts";
import { PLANE_ISOLATION_SCENARIOS } from "./plane-isolation.ts";
import { POLICY_SCENARIOS } from "./policy.ts";
import { ROLLOUT_SCENARIOS } from "./rollout.ts";
import { ROLLOUT_EARLY_SCENARIOS } from "./rollout-early.ts";
import { ROLLOUT_FAULT_SCENARIOS } from "./rollout-faults.ts";
import { ROLLOUT_KILLED_SCENARIOS } from "./rollout-killed.ts";
import { ROLLOUT_NEW_PLANE_SCENARIOS } from "./rollout-new-plane.ts";
import { ROLLOUT_NOTICE_SCENARIOS } from "./rollout-notices.ts";
import { ROLLOUT_PATH_SCENARIOS } from "./rollout-paths.ts";
import { SPOOF_SCENARIOS } from "./spoof.ts";
import { STEER_SCENARIOS } from "./steer.ts";
import { STEER_EGRESS_SCENARIOS } from "./steer-egress.ts";
import { STEER_INTERRUPTED_SCENARIOS } from "./steer-interrupted.ts";
import { OVERRULED_SCENARIOS } from "./steer-overruled.ts";
import { STEER_TABLE_SCENARIOS } from "./steer-table.ts";
import { TRUST_SCENARIOS } from "./trust.ts";
import { TRUST_CONFIRM_SCENARIOS } from "./trust-confirm.ts";
import { TRUST_FLOOD_SCENARIOS } from "./trust-flood.ts";
import { TRUST_KEY_SCENARIOS } from "./trust-keys.ts";
import { TRUST_SIDS_SCENARIOS } from "./trust-sids.ts";
import { WEB_APPLY_SCENARIOS } from "./web-apply.ts";
import { WEB_EPE_SCENARIOS } from "./web-epe.ts";
import { WEB_ROLLOUT_SCENARIOS } from "./web-rollout.ts";

/** Everything the lab can prove. A new topic is a new file here, with its list added below. */
export const SCENARIOS: readonly Scenario[] = [
  ...STEER_SCENARIOS,
  ...OVERRULED_SCENARIOS,
  ...STEER_EGRESS_SCENARIOS,
  ...EPE_FALLBACK_SCENARIOS,
  ...EPE_MTU_SCENARIOS,
  ...STEER_TABLE_SCENARIOS,
  ...STEER_INTERRUPTED_SCENARIOS,
  ...PLANE_SCENARIOS,
  ...PLANE_ISOLATION_SCENARIOS,
  ...PATH_QUALITY_SCENARIOS,
  ...PATH_WATCH_SCENARIOS,
  ...EPE_EXIT_SCENARIOS,
  ...EPE_MOVE_SCENARIOS,
  ...EPE_STEP_SCENARIOS,
  ...EPE_STILL_SCENARIOS,
  ...EPE_CLASS_SCENARIOS,
  ...EPE_TRAFFIC_SCENARIOS,
  ...EPE_TOLD_SCENARIOS,
  ...EPE_FROM_CONTROLLER_SCENARIOS,
  ...EPE_BUTTON_SCENARIOS,
  ...EPE_FAULT_SCENARIOS,
  ...FAULT_SCENARIOS,
  ...FAULT_CONTROLLER_SCENARIOS,
  ...FAULT_SECOND_SCENARIOS,
  ...FAULT_OFFLINE_SCENARIOS,
  ...TRUST_CONFIRM_SCENARIOS,
  ...TRUST_KEY_SCENARIOS,
  ...FAULT_BROKER_SCENARIOS,
  ...FAULT_PROCESS_SCENARIOS,
  ...FAULT_SILENT_SCENARIOS,
  ...FAULT_DISK_SCENARIOS,
  ...FAULT_CLOCK_SCENARIOS,
  ...TRUST_SCENARIOS,
  ...TRUST_FLOOD_SCENARIOS,
  ...BORDER_SCENARIOS,
  ...POLICY_SCENARIOS,
  ...SPOOF_SCENARIOS,
  ...TRUST_SIDS_SCENARIOS,
  ...ROLLOUT_SCENARIOS,
  ...ROLLOUT_FAULT_SCENARIOS,
  ...ROLLOUT_PATH_SCENARIOS,
  ...ROLLOUT_NEW_PLANE_SCENARIOS,
  ...ROLLOUT_EARLY_SCENARIOS,
  ...ROLLOUT_KILLED_SCENARIOS,
  ...ROLLOUT_NOTICE_SCENARIOS,
  ...DNS64_ANSWER_SCENARIOS,
  ...DNS_STORED_SCENARIOS,
  ...DNS_AWAY_SCENARIOS,
  ...HEALTH_SCENARIOS,
  ...LAN_SCENARIOS,
  ...IMAGE_ROUTER_SCENARIOS,
  ...IMAGE_ROLLOUT_SCENARIOS,
  ...HOME_WIFI_SCENARIOS,
  ...IMAGE_PI_SCENARIOS,
  ...DNS64_ANYCAST_SCENARIOS,
  ...NAT64_SCENARIOS,
  ...ACCESS_SRV6_SCENARIOS,
  ...ACCESS_VPN_SCENARIOS,
  ...ACCESS_CAMP_SCENARIOS,
  ...WEB_APPLY_SCENARIOS,
  ...WEB_EPE_SCENARIOS,
  ...WEB_ROLLOUT_SCENARIOS,
];
