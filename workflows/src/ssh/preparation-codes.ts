/** Exit codes of the script that prepares a container. Workflows read them too, so this imports nothing. */
export const preparationCodes = {
  noRuntime: 81,
  noGpus: 82,
  loginRefused: 83,
  pullFailed: 84,
  startFailed: 85,
} as const;
