/** Of this program, as it tells the controller and people. */
export const AGENT_VERSION = "0.1.0";
