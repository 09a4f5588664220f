import { countConflict } from '@gpu-clouds/clouds/pure';
import type { Job } from './job-schema.ts';
import { collision } from './output-place.ts';

export interface ModeIssue {
  readonly path: (string | number)[];
  readonly message: string;
}

/** A count that contradicts the one of a GPU. */
export function gpuIssues({ resources: { gpu = [], count } }: Job): readonly ModeIssue[] {
  const message = count === undefined ? undefined : countConflict([gpu].flat(), count);
  return message === undefined ? [] : [{ path: ['resources', 'count'], message }];
}

/** What a job on an instance lacks, and what it has for nothing. */
export function instanceIssues({ command, container, files }: Job): readonly ModeIssue[] {
  return [
    ...(command === ''
      ? [
          {
            path: [],
            message:
              'command is missing: it must be a text, the script to run; only with mode: job-deployment there is none',
          },
        ]
      : []),
    ...(container === undefined
      ? []
      : [{ path: ['container'], message: 'only a job with mode: job-deployment has one' }]),
    ...collisionIssues(files),
  ];
}

function collisionIssues({ down }: Job['files']): readonly ModeIssue[] {
  const [first, second] = collision(down) ?? [];
  if (first === undefined || second === undefined) return [];
  const message = `it would be mixed up with what files.down[${first}] brings back: give each a place of its own`;
  return [{ path: ['files', 'down', second, 'to'], message }];
}

/** What a job deployment lacks, and what Verda's containers have no use for. */
export function deploymentIssues(job: Job): readonly ModeIssue[] {
  const { container, resources, files, limits } = job;
  const useless: readonly (readonly [path: string[], given: boolean])[] = [
    [['command'], job.command !== ''],
    [['setup'], job.setup !== undefined],
    [['checkpoint'], job.checkpoint !== undefined],
    [['files', 'up'], files.up.length > 0],
    [['files', 'down'], files.down.length > 0],
    [['resources', 'image'], resources.image !== undefined],
    [['resources', 'storage'], resources.storage !== undefined],
    [['resources', 'minMemory'], resources.minMemory !== undefined],
    [['resources', 'nodes'], resources.nodes > 1],
    [['limits', 'maxCommand'], limits.maxCommand !== undefined],
    [['resources', 'regions'], resources.regions !== undefined],
    [['limits', 'maxSetup'], limits.maxSetup !== undefined],
  ];
  return [
    ...(container === undefined
      ? [{ path: [], message: 'container is missing: a job deployment needs one, with image, port and path' }]
      : []),
    ...(resources.spot === 'only' ? [{ path: ['resources', 'spot'], message: 'job deployments are never spot' }] : []),
    ...(resources.vendors === undefined || resources.vendors.includes('verda')
      ? []
      : [{ path: ['resources', 'vendors'], message: 'only verda has job deployments' }]),
    ...useless
      .filter(([, given]) => given)
      .map(([path]) => ({ path: [...path], message: 'a job deployment has no use for it: leave it out' })),
  ];
}
