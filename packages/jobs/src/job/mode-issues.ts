import { countConflict } from '@gpu-clouds/clouds/pure';
import type { Job } from './job-schema.ts';
import { collision } from './output-path.ts';

export interface ModeIssue {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Reports a `count` that contradicts the count of a GPU. */
export function gpuIssues({ resources: { gpu = [], count } }: Job): readonly ModeIssue[] {
  const message = count === undefined ? undefined : countConflict([gpu].flat(), count);
  return message === undefined ? [] : [{ path: ['resources', 'count'], message }];
}

/** Reports missing, useless, and conflicting fields of a job that runs on instances. */
export function instanceIssues({ command, container, files }: Job): readonly ModeIssue[] {
  return [
    ...(command === ''
      ? [
          {
            path: [],
            message:
              'command is missing; it must be a string, the script to run (only mode: job-deployment has no command)',
          },
        ]
      : []),
    ...(container === undefined
      ? []
      : [{ path: ['container'], message: 'only a job with mode: job-deployment can have a container' }]),
    ...collisionIssues(files),
  ];
}

function collisionIssues({ down }: Job['files']): readonly ModeIssue[] {
  const [first, second] = collision(down) ?? [];
  if (first === undefined || second === undefined) return [];
  const message = `conflicts with files.down[${first}]; give each entry a separate destination`;
  return [{ path: ['files', 'down', second, 'to'], message }];
}

/** Reports missing fields of a job deployment, and fields that do not apply to Verda's containers. */
export function deploymentIssues(job: Job): readonly ModeIssue[] {
  const { container, resources, files, limits } = job;
  const notApplicable: readonly (readonly [path: string[], given: boolean])[] = [
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
      ? [{ path: [], message: 'container is missing; a job deployment needs one with image, port, and path' }]
      : []),
    ...(resources.spot === 'only'
      ? [{ path: ['resources', 'spot'], message: 'job deployments cannot use spot instances' }]
      : []),
    ...(resources.vendors === undefined || resources.vendors.includes('verda')
      ? []
      : [{ path: ['resources', 'vendors'], message: 'only verda has job deployments' }]),
    ...notApplicable
      .filter(([, given]) => given)
      .map(([path]) => ({ path: [...path], message: 'does not apply to a job deployment; remove it' })),
  ];
}
