import { credentialVariables, vendors } from '@gpu-clouds/clouds';
import type { Fault } from './fault.ts';

/** A credential of the worker for a vendor, which no job may get. */
export const vendorSecret = credentialVariables[vendors[0]][0] ?? '';

/** Folder of the command's step on the instance. */
const step = '"$HOME"/.gpu-clouds/*/command';

/** What jobs do to their instance, to the worker, or to other runs. */
export const jobFaults = {
  /** The command writes something that is not an exit code where the exit code is kept. */
  'forged-exit': {
    job: {
      share: 0.02,
      script: `for d in ${step}; do echo 0x0 > "$d/exit"; done; sleep 600`,
      outcomes: ['invalid-exit-code'],
    },
  },
  /** The command writes a secret where the exit code is kept. */
  'secret-in-exit': {
    job: {
      share: 0.02,
      script: `for d in ${step}; do echo "$CHAOS_TOKEN" > "$d/exit"; done; sleep 600`,
      outcomes: ['invalid-exit-code'],
    },
  },
  /** The command kills the runner that waits for it, and writes the PID of another process in its place. */
  'forged-pid': {
    job: {
      share: 0.02,
      script: `for d in ${step}; do read -r pid born < "$d/runner"; echo "1 12345" > "$d/runner"; kill -9 "$pid"; done; sleep 600`,
      outcomes: ['vanished'],
    },
  },
  /** The command replaces the file of its output by a link to a device without end. */
  'forged-output': {
    job: {
      share: 0.02,
      script: `for d in ${step}; do rm "$d/output"; ln -s /dev/zero "$d/output"; done`,
      outcomes: ['succeeded', 'instance-refused', 'vanished'],
      garblesOutput: true,
    },
  },
  /** The command signals its whole process group. Its files are collected all the same. */
  'kills-group': { job: { share: 0.02, script: 'kill -TERM 0', outcomes: ['failed'], exitCode: 143 } },
  /** The command prints far more than `limits.maxOutput`. */
  'output-flood': {
    job: { share: 0.03, script: 'yes "a line of the flood" | head -c 200000000 || true', garblesOutput: true },
  },
  /** A file of the result grows while it is collected. */
  'growing-output': {
    job: {
      share: 0.02,
      script: "(setsid sh -c 'while :; do echo more >> growing.txt; sleep 0.01; done' > /dev/null 2>&1 &); sleep 0.5",
      collects: 'growing.txt',
    },
  },
  /** A file of the result is larger than any buffer. */
  'large-output': { job: { share: 0.02, script: 'head -c 8000000 /dev/zero > large.bin', collects: 'large.bin' } },
  /** The job wants a secret that has the name of a property of every object. */
  'odd-secret': {
    job: { share: 0.02, fields: { secrets: ['toString'] }, outcomes: ['invalid'], rentsNothing: true },
  },
  /** The job wants the worker's own credentials. */
  'forbidden-secret': {
    job: {
      share: 0.02,
      fields: { secrets: [vendorSecret, 'GPU_CLOUDS_MASTER_SECRET'] },
      outcomes: ['invalid'],
      rentsNothing: true,
    },
  },
  /** The id of the run is what the id of the run before it becomes in instance names. */
  'colliding-ids': { job: { share: 0.03 } },
  /** The job is started for a fleet that the workers do not serve. */
  'other-fleet': { job: { share: 0.02, fleet: 'other', outcomes: ['invalid'], rentsNothing: true } },
} as const satisfies Readonly<Record<string, Fault>>;
