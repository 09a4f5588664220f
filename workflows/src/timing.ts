/** How long things take. All in milliseconds. */
export interface Timing {
  /** How long a cloud's list may lag behind a create. Before this has passed, "not listed" does not mean "not there". Default 90 s. */
  readonly settle: number;
  /** Between two looks at something that is about to change. Default 3 s. */
  readonly poll: number;
  /** Between two looks at a machine in use, for whether it is still there. Default 15 s. */
  readonly watch: number;
  /** How long a machine may take from the create call until SSH answers. Default 20 minutes: GPU.ai alone allocates for up to 15. */
  readonly boot: number;
  /** How long SSH to a machine in use may be dead before the machine is given up. Default 15 minutes. */
  readonly unreachable: number;
}

export const defaultTiming: Timing = {
  settle: 90_000,
  poll: 3000,
  watch: 15_000,
  boot: 20 * 60_000,
  unreachable: 15 * 60_000,
};
